"""What a mapping says: how each file of a log is read, and what its columns and event types mean."""
