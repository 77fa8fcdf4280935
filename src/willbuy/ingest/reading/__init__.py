"""First, reading: the files of a log are found, and each becomes a relation of records with their lines."""
