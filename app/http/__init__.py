"""From bytes to requests, and from answers and errors to bytes."""
