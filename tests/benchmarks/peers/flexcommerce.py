"""The best automatic coupon with flexcommerce-discounts: `best_automatic` among coupons that are cached, on lines that are priced.

It tries each coupon on all lines and keeps the one that takes most; no combination is looked for.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.benchmarks import offered
from tests.benchmarks.sides import CPU, Bench, peer


def set_up() -> None:
    """Django with an empty database in memory."""
    peer("flexcommerce_discounts")
    peer("django.conf").settings.configure(
        SECRET_KEY="a benchmark has no secrets",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "flexcommerce_core", "flexcommerce_discounts"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    peer("django").setup()
    peer("django.core.management").call_command("migrate", verbosity=0, run_syncdb=True)


def open_bench(lines: int) -> Bench:
    """All coupons in the cache, as its own first look leaves them there."""
    set_up()
    models, services = peer("flexcommerce_discounts.models"), peer("flexcommerce_discounts.services")
    pricing, cache = peer("flexcommerce_core.utils.pricing"), peer("django.core.cache").cache
    made = [
        models.Coupon(pk=uuid.UUID(int=number), code=code, value=Decimal(percent), minimum_cart_value=Decimal(least) / 100, auto_apply=True)
        for number, (code, percent, least) in enumerate(offered.coupons(), 1)
    ]

    def prepare(turn: int) -> Any:
        cache.set(services.AUTO_CACHE_KEY, made, None)
        cart = [priced(pricing.PricedLine, *line) for line in offered.lines(turn, lines)]
        return SimpleNamespace(lines=cart, total=sum(line.line_gross for line in cart))

    def tell(found: Any) -> dict[str, Any]:
        parts = [int(part * 100) for part in found.allocations.values()]
        return {"coupon": found.code, "discount": int(found.amount * 100), "parts": parts}

    return Bench(run=lambda cart: services.best_automatic(cart.lines, cart.total), prepare=prepare, tell=tell, clock=CPU)


def priced(kind: Any, sku: str, quantity: int, cents: int) -> Any:
    """A line without tax."""
    unit, none = Decimal(cents) / 100, Decimal(0)
    return kind(None, quantity, unit, unit, none, unit, none, unit * quantity, none, unit * quantity, key=sku, product_id=sku)
