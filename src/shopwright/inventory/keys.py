"""Under which keys stock is counted.

Rules
- what there is of a sku is the quota `stock/<sku>`: granted is what was received, used is what was sold, held is what orders wait for;
- the key is made from the sku as it is, so two skus never share a count.
"""

from __future__ import annotations

_STOCK = "stock/"


def stock_key(sku: str) -> str:
    """The key of the quota that counts the stock of a sku."""
    return f"{_STOCK}{sku}"


def is_stock(key: str) -> bool:
    """Whether a quota counts stock."""
    return key.startswith(_STOCK)
