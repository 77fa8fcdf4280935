"""How a build is held right: its parameters, the code behind each notebook, its lock, and its reports."""
