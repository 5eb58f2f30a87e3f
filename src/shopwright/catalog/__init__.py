"""What the mall sells: products with their prices, groups of variants, categories, and what can be said of goods.

`Product` is what is sold under one sku, as carts and orders know it. `ProductGroup` is what people see as one product, with its variants, and
makes a `Product` of each (`products_of`).
"""

from __future__ import annotations

from shopwright.catalog.products import Product

__all__ = ["Product"]
