"""The shop: holds the ports and offers the flows, grouped as a shop is. Read `opening.py`, then `desks.py`."""

from shopwright.shop.opening import Shop

__all__ = ["Shop"]
