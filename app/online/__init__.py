"""What the server remembers of events and items, and the features that it computes from them."""
