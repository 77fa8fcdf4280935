"""Before all: what a mapping says of how the files of a log are read, and what their columns and event types mean."""
