"""What a careful engineer without our library would keep of an order, and how they would price it: plain ints and dicts.

The documents tell the same as ours do: prices, discount and shipping per line, buckets, payment, claim, address, terms, and the trace in the event.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from tests.benchmarks import work
from tests.benchmarks.work import AT, COUPON, CURRENCY, SHIPPING, Item, Wanted

dumps = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
ADDRESS = {"name": "Ada Lovelace", "lines": ["12 Long Lane"], "city": "London", "postal_code": "N1 9RT", "country": "GB"}
TERMS = {"payment_window": 1_800_000_000, "complete_after": 604_800_000_000, "capture": "at_once"}
AT_TEXT = AT.isoformat()
DUE_TEXT = "2025-03-01T10:00:00+00:00"

Priced = tuple[list[dict[str, Any]], dict[str, int]]
"""The lines of an order and its sums."""


def product_body(item: Item) -> str:
    """A product as a document."""
    return dumps(
        {"sku": item.sku, "title": item.title, "seller_id": "house", "prices": [{"minor": item.price, "currency": CURRENCY}], "weight_g": 250}
    )


def coupon_body(basis_points: int) -> str:
    """The coupon as a document."""
    return dumps({"code": COUPON, "percent": basis_points, "limited": True, "title": "Ten percent off"})


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Largest remainder, of equal remainders to the larger weight."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        order = sorted(range(len(parts)), key=lambda place: (total * weights[place] % whole, weights[place]), reverse=True)
        for place in order[:left]:
            parts[place] += 1
    return parts


def new_id() -> str:
    """A time-ordered id."""
    return f"{time.time_ns():x}{os.urandom(8).hex()}"


def price(cart: Wanted, products: dict[str, Any], coupon: dict[str, Any] | None) -> Priced:
    """The lines of an order and its sums, in cents."""
    chosen = [(products[sku], quantity) for sku, quantity in cart.lines]
    totals = [product["prices"][0]["minor"] * quantity for product, quantity in chosen]
    subtotal = sum(totals)
    discount = (subtotal * coupon["percent"] + 5_000) // 10_000 if coupon else 0
    parts = split(discount, totals)
    shares = split(SHIPPING, [total - part for total, part in zip(totals, parts, strict=True)])
    lines = [
        {
            "line_no": number,
            "sku": product["sku"],
            "title": product["title"],
            "seller_id": product["seller_id"],
            "quantity": quantity,
            "unit_price": product["prices"][0]["minor"],
            "subtotal": total,
            "discount": part,
            "shipping": share,
            "tax": 0,
            "total": total - part + share,
            "buckets": {"open": quantity},
            "adjustments": [{"code": coupon["code"], "amount": -part}] if coupon else [],
        }
        for number, ((product, quantity), total, part, share) in enumerate(zip(chosen, totals, parts, shares, strict=True), 1)
    ]
    return lines, {"subtotal": subtotal, "discount": discount, "total": subtotal - discount + SHIPPING}


def told(priced: Priced) -> dict[str, Any]:
    """The answer as all sides put it."""
    lines, sums = priced
    return work.told(subtotal=sums["subtotal"], discount=sums["discount"], total=sums["total"], parts=[line["discount"] for line in lines])


def fingerprint(cart: Wanted) -> str:
    """What tells this command from another under the same key."""
    return digest(dumps({"buyer": cart.buyer, "lines": cart.lines, "coupon": COUPON, "ship_to": ADDRESS}))


def digest(text: str) -> str:
    """A fingerprint of a text."""
    return sha256(text.encode()).hexdigest()


def claim(cart: Wanted) -> list[tuple[str, int]]:
    """The quota keys that an order holds, in the order of their locks: stock by key, the coupon with its higher rank last."""
    return [*sorted((f"stock/{sku}", quantity) for sku, quantity in cart.lines), (f"coupon/{COUPON}", 1)]


def order_document(cart: Wanted, lines: list[dict[str, Any]], sums: dict[str, int], items: list[tuple[str, int]]) -> dict[str, Any]:
    """The order right after it was placed."""
    order_id = new_id()
    return {
        "id": order_id,
        "number": f"20250301-{order_id[-8:]}",
        "currency": CURRENCY,
        "buyer_id": cart.buyer,
        "placed_at": AT_TEXT,
        "state": "placed",
        "lines": lines,
        "payments": [{"id": f"{order_id}-1", "tender": {"method": "card", "amount": sums["total"], "gateway": "fake"}, "state": "due"}],
        "ship_to": ADDRESS,
        "shipping_method": "standard",
        "claim": {"state": "held", "items": items},
        "terms": TERMS,
        "placed_by": {"kind": "customer", "id": cart.buyer},
        "due_at": DUE_TEXT,
        "coupon_code": COUPON,
        "coupon_version": 1,
        "event_count": 1,
    }


def placed_event(order: dict[str, Any], sums: dict[str, int]) -> dict[str, Any]:
    """What happened, with the trace of the price; whoever reads the stream needs nothing else."""
    subtotal, discount = sums["subtotal"], sums["discount"]
    parts = [-line["discount"] for line in order["lines"]]
    shares = [line["shipping"] for line in order["lines"]]
    trace = [
        {"step": "list_prices", "code": "priced", "before": 0, "amount": subtotal, "after": subtotal},
        {"step": "coupon", "code": "taken", "before": subtotal, "amount": -discount, "after": subtotal - discount, "parts": parts, "rule": COUPON},
        {"step": "shipping", "code": "flat", "before": subtotal - discount, "amount": SHIPPING, "after": sums["total"], "parts": shares},
    ]
    return {**order, "trace": trace, "by": order["placed_by"], "at": AT_TEXT}
