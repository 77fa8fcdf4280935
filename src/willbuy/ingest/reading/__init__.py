"""First, reading: which files a log is, and each of them as a relation of records with their lines."""
