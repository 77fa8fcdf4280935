"""Features: numbers known strictly before a decision point, from one list of definitions by one kernel."""
