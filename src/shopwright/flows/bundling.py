"""Bundles that are put together when they are ordered: opened down to what lies in stock, as the products are when the order is placed.

Rules
- nothing is read for products without components;
- BUNDLE-2: a bundle in a bundle is opened in turn, and what several ways lead to is one component with the sum of its units; a component whose stock
  is not counted takes none, and one that is no product is counted under its sku;
- what was opened is frozen on the line, so that what is called off goes back where it came from, whatever has become of the bundle.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from shopwright.catalog.bundles import packed
from shopwright.catalog.products import Component, Product
from shopwright.flows.ports import Ports


def opened(ports: Ports, products: Sequence[Product]) -> tuple[Product, ...]:
    """The products, each with components that are bundles no more. Raises `InvalidValue` as `packed` does."""
    bundles = {product.sku: product for product in products if product.components}
    if not bundles:
        return tuple(products)
    known = {product.sku: product for product in products}
    unread = {part.sku for bundle in bundles.values() for part in bundle.components} - known.keys()
    while unread:
        found = {sku: stored.value for sku, stored in ports.storage.load_many(Product, unread).items()}
        seen = {*known, *unread}
        known |= found
        unread = {part.sku for product in found.values() for part in product.components} - seen
    inside = {sku: product.components for sku, product in known.items() if product.tracked and product.components}
    return tuple([_opened(product, inside, known) if product.sku in inside else product for product in products])


def _opened(product: Product, inside: dict[str, tuple[Component, ...]], known: dict[str, Product]) -> Product:
    parts = packed(product.sku, inside)
    counted = tuple([part for part in parts if part.sku not in known or known[part.sku].tracked])
    return evolve(product, components=counted, tracked=bool(counted))
