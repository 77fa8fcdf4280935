"""What keeps a build correct: the check of its parameters, the hash of its code, its lock, and its reports."""
