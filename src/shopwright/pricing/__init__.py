"""What a cart costs and why: carts, the facts they are priced with, quotes, and the trace of every price."""

from __future__ import annotations

from shopwright.pricing.cart import Cart, CartLine
from shopwright.pricing.facts import FlatShipping, Granted, NoShipping, Offers, PriceFacts, Prices, Shipping, ShippingPerLine
from shopwright.pricing.gifts import GivenBy, Grant, GrantKind
from shopwright.pricing.offers import why_not
from shopwright.pricing.quote import Adjustment, Explained, Quote, QuoteLine, explained, price
from shopwright.pricing.replay import disagreements, frozen_facts, replay
from shopwright.pricing.shelf_price import ShelfPrice, shelf_price
from shopwright.pricing.steps import STEPS
from shopwright.pricing.taxes import FrozenTaxes, GivenTaxes, TableTaxes
from shopwright.pricing.trace import TraceStep, explain

__all__ = [
    "STEPS",
    "Adjustment",
    "Cart",
    "CartLine",
    "Explained",
    "FlatShipping",
    "FrozenTaxes",
    "GivenBy",
    "GivenTaxes",
    "Grant",
    "GrantKind",
    "Granted",
    "NoShipping",
    "Offers",
    "PriceFacts",
    "Prices",
    "Quote",
    "QuoteLine",
    "ShelfPrice",
    "Shipping",
    "ShippingPerLine",
    "TableTaxes",
    "TraceStep",
    "disagreements",
    "explain",
    "explained",
    "frozen_facts",
    "price",
    "replay",
    "shelf_price",
    "why_not",
]
