"""Second, judging: every record becomes an event, or gets the one reason why it cannot."""
