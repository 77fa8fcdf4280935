"""Features: numbers known strictly before the moment of a decision, from one list of definitions by one kernel."""

from willbuy.features.tables import featurize

__all__ = ["featurize"]
