"""The simulated shop, whose true purchase probabilities are known."""

from willbuy.shop.simulation import Shop, simulate

__all__ = ["Shop", "simulate"]
