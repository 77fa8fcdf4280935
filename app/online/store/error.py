"""What goes wrong with a store."""


class StoreError(Exception):
    """The store does not answer in time, or cannot; what was asked of it has not been acknowledged."""
