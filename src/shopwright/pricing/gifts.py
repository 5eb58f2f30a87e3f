"""What promotions give besides money: gifts as lines of their own, and what an order promises (points, their multiplication, coupons).

Rules
- GIFT-1: a gift is a line after those of the cart, with nothing to pay on it; it wants stock, ships and is counted like any other line;
- GIFT-2: goods that are bought come first: a gift takes of the stock what the cart leaves, and gifts take it in the order of their promotions;
- GIFT-3: a gift that cannot be given (no such product, not active, too few free) is told in the trace, and left out, so that no price changes
  for it; a promotion that says `if_gone="not_taken"` is not taken instead, and the others are searched again without it;
- a cart is refused for a gift only where its promotion says so: `gift_unavailable` (facts: `promotion`, `sku`, `wanted`, `free`);
- stock that nobody told of (`Offers.gift_stock`) is taken to suffice, here as for any line: the write decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from attrs import frozen

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.pricing.cart import Cart
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.conditions import Unmet
from shopwright.promotions.engine import Engine, Outcome, Skip, Skipped
from shopwright.promotions.extras import IfGone
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift, Taken
from shopwright.refusals import Fact, Refusal

GIFT, GRANT = "gift", "grant"
"""The steps of a trace that tell of a gift, given or not, and of what else an order promises."""

GIVEN, LEFT_OUT, NOT_TAKEN = "given", "left_out", "not_taken"
"""What became of a gift: the codes of its entries."""


class GrantKind(StrEnum):
    """What is promised."""

    POINTS = "points"
    POINTS_RATE = "points_rate"
    COUPON = "coupon"


# Not slotted, like the lines of a quote.
@frozen(slots=False)
class GivenBy:
    """The promotion that a gift came with, and its version then."""

    promotion: str
    version: int


@frozen(slots=False)
class Grant:
    """What an order promises its buyer besides goods, by which promotion and version.

    `amount` is so many points, or the basis points that the points of the order are multiplied by (20,000 doubles them), or so many coupons of
    the batch named by `batch`.
    """

    kind: GrantKind
    amount: int
    promotion: str
    version: int
    batch: str = ""


@frozen
class Extras:
    """Entries of a trace for what is no money, and the promotions that are not to be taken for the lack of a gift."""

    entries: tuple[TraceStep, ...] = ()
    not_taken: frozenset[str] = frozenset()


NO_EXTRAS = Extras()


class Shelf:
    """What gifts can be taken from: the products that are known, and the stock that the cart leaves of those whose stock was told."""

    def __init__(self, cart: Cart, products: Iterable[Product], stock: Iterable[tuple[str, int]]) -> None:
        self._products = {product.sku: product for product in products}
        self._free = dict(stock)
        for line in cart.lines if self._free else ():
            if line.sku in self._free:
                self._free[line.sku] = max(0, self._free[line.sku] - line.quantity)

    def lacks(self, gift: Gift) -> str:
        """Why a gift cannot be given; empty where it can, and then its units are no longer there for others."""
        product = self._products.get(gift.sku)
        if product is None:
            return "unknown"
        if not product.active:
            return "inactive"
        if product.tracked and gift.sku in self._free:
            if self._free[gift.sku] < gift.quantity:
                return "out_of_stock"
            self._free[gift.sku] -= gift.quantity
        return ""

    def free(self, sku: str) -> int:
        """How many are left of a sku, as far as it was told."""
        return self._free.get(sku, 0)


def extras_of(outcome: Outcome, shelf: Shelf) -> Extras | Refusal:
    """What an outcome gives besides money, as entries; refused where a gift is lacking without which there is to be no order."""
    entries: list[TraceStep] = []
    not_taken: set[str] = set()
    for applied in outcome.applied:
        promotion = applied.promotion
        for effect, taken in zip(promotion.effects, applied.taken, strict=True):
            if not taken.has_extras:
                continue
            policy = getattr(effect, "if_gone", IfGone.LEAVE_OUT)
            for gift in taken.gifts:
                why = shelf.lacks(gift)
                if why and policy == IfGone.REFUSE:
                    return _unavailable(promotion, gift, shelf.free(gift.sku))
                if why and policy == IfGone.NOT_TAKEN:
                    not_taken.add(promotion.id)
                entries.append(_told(promotion, gift, why, policy, shelf))
            entries += _grants(promotion, taken)
    if not not_taken:
        return Extras(tuple(entries))
    return Extras(tuple([entry for entry in entries if entry.code == NOT_TAKEN]), frozenset(not_taken))


def _told(promotion: Promotion, gift: Gift, why: str, policy: IfGone, shelf: Shelf) -> TraceStep:
    if not why:
        return _entry(promotion, GIFT, GIVEN, ("quantity", gift.quantity), ("sku", gift.sku))
    code = NOT_TAKEN if policy == IfGone.NOT_TAKEN else LEFT_OUT
    return _entry(promotion, GIFT, code, ("free", shelf.free(gift.sku)), ("quantity", gift.quantity), ("sku", gift.sku), ("why", why))


def _grants(promotion: Promotion, taken: Taken) -> Iterator[TraceStep]:
    if taken.points:
        yield _entry(promotion, GRANT, GrantKind.POINTS.value, ("points", taken.points))
    if taken.points_rate:
        yield _entry(promotion, GRANT, GrantKind.POINTS_RATE.value, ("rate", taken.points_rate))
    for batch in taken.coupons:
        yield _entry(promotion, GRANT, GrantKind.COUPON.value, ("batch", batch))


def _entry(promotion: Promotion, step: str, code: str, *facts: tuple[str, str | int]) -> TraceStep:
    return TraceStep(step, code, 0, 0, 0, (), promotion.id, promotion.version, "", promotion.title, facts)


def _unavailable(promotion: Promotion, gift: Gift, free: int) -> Refusal:
    facts: dict[str, Fact] = {"promotion": promotion.id, "sku": gift.sku, "wanted": gift.quantity, "free": free}
    return Refusal("gift_unavailable", f"promotion {promotion.id} gives {gift.quantity} {gift.sku}, which cannot be given", facts)


def is_given(entry: TraceStep) -> bool:
    """Whether an entry gives something that is no money."""
    return entry.step == GRANT or (entry.step == GIFT and entry.code == GIVEN)


def gifts_named(trace: Iterable[TraceStep]) -> frozenset[str]:
    """The skus of all gifts that a trace tells of, given or not."""
    return frozenset([str(entry.fact("sku")) for entry in trace if entry.step == GIFT])


def products_given(entries: Iterable[TraceStep], products: Iterable[Product]) -> tuple[Product, ...]:
    """The products of the gifts that these entries give, in their order. Raises `InvalidValue` where one of them is not among the products."""
    skus = [str(entry.fact("sku")) for entry in entries if entry.step == GIFT and entry.code == GIVEN]
    if not skus:
        return ()
    by_sku = {product.sku: product for product in products}
    for sku in skus:
        if sku not in by_sku:
            raise InvalidValue(f"expected the product of the gift {sku} among the frozen facts, got {', '.join(sorted(by_sku)) or 'none'}")
    return tuple([by_sku[sku] for sku in skus])


def grants_of(trace: Iterable[TraceStep]) -> tuple[Grant, ...]:
    """What a trace promises besides goods."""
    return tuple([_grant(entry) for entry in trace if entry.step == GRANT])


def _grant(entry: TraceStep) -> Grant:
    match GrantKind(entry.code):
        case GrantKind.POINTS:
            return Grant(GrantKind.POINTS, int(entry.fact("points")), entry.rule, entry.rule_version)
        case GrantKind.POINTS_RATE:
            return Grant(GrantKind.POINTS_RATE, int(entry.fact("rate")), entry.rule, entry.rule_version)
        case GrantKind.COUPON:
            return Grant(GrantKind.COUPON, 1, entry.rule, entry.rule_version, str(entry.fact("batch")))


def gone(entries: Iterable[TraceStep], engine: Engine) -> dict[str, Skipped]:
    """The promotions of which a gift is not given, by their ids, each with the first that is lacking."""
    found: dict[str, Skipped] = {}
    for entry in entries:
        if entry.step == GIFT and entry.code != GIVEN and entry.rule not in found:
            free, wanted = int(entry.fact("free")), int(entry.fact("quantity"))
            missing = wanted - free if entry.fact("why") == "out_of_stock" else 0
            unmet = Unmet(f"gift_{entry.fact('why')}", str(entry.fact("sku")), free, missing)
            found[entry.rule] = Skipped(engine.by_id[entry.rule], Skip.GIFT_GONE, unmet)
    return found
