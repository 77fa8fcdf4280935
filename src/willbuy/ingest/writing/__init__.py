"""Third, writing: staged rows, the tables in order, the quarantine, and the ledger that accounts for every row."""
