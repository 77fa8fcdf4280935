"""The model version that serves, and the rows that it reads."""
