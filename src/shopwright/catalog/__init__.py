"""What the mall sells: products, each with its prices and what is needed to stock, ship and settle it."""

from __future__ import annotations

from shopwright.catalog.products import Product

__all__ = ["Product"]
