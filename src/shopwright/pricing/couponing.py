"""The coupon of a cart and the floor prices of its products: no coupon takes a line below them.

Rules
- a coupon is worth what its own rules say, floors or not; its minimum is asked of the subtotal alone;
- a percentage is split over the lines by what they amount to, and what a line cannot give above its floor price is not given;
- of a fixed amount the other lines carry what one cannot, by what they amount to, for as long as one of them is above its floor;
- a line that is below its floor already (a list price may be) gives nothing and gets nothing back;
- where a floor was in the way the entry of the trace says so (`percent_floored`, `fixed_floored`), with what was kept back (`kept`) and the floor
  prices of one unit (`floor_1` for the first line), so that the price can be made again.
"""

from __future__ import annotations

from attrs import evolve

from shopwright.catalog.products import amount_in
from shopwright.money import allocate
from shopwright.pricing.checks import Amounts, Sheet
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.coupons import Coupon, no_effect, redeem
from shopwright.refusals import Fact, Refusal

FLOOR = "floor_"
"""How the facts that tell a floor price begin; the number of the line follows."""


def taken_by_coupon(sheet: Sheet, so_far: Amounts) -> TraceStep | Refusal:
    """The coupon takes its discount off the whole, split over the lines by what they amount to."""
    code, given, before = sheet.cart.coupon_code, sheet.coupon, sum(so_far)
    if not code:
        return TraceStep("coupon", "no_code", before, 0, before)
    if given is None or given.code != code:
        return Refusal("coupon_unknown", f"there is no coupon {code}", {"coupon": code})
    worth = redeem(given, subtotal=before, currency=sheet.cart.currency, at=sheet.at)
    if isinstance(worth, Refusal):
        return worth
    kind, rounding, facts = _rule(given, sheet.cart.currency)
    parts = allocate(-worth, so_far)
    entry = TraceStep("coupon", kind, before, -worth, before - worth, parts, given.code, given.version, rounding, given.title, facts)
    if not any(product.floors for product in sheet.products):
        return entry
    return _floored(sheet, so_far, given, entry)


def _rule(given: Coupon, currency: str) -> tuple[str, str, tuple[tuple[str, Fact], ...]]:
    """How the coupon reckons, how it rounds, and the facts that would reckon it again."""
    minimum = amount_in(given.minimums, currency)
    least: tuple[tuple[str, Fact], ...] = () if minimum is None else (("minimum", minimum),)
    if given.percent:
        return "percent", given.rounding.value, (*least, ("percent", given.percent))
    return "fixed", "", (("fixed", amount_in(given.amounts, currency) or 0), *least)


def _floored(sheet: Sheet, so_far: Amounts, given: Coupon, entry: TraceStep) -> TraceStep | Refusal:
    """The entry with no line below its floor; the same one where no floor is in the way."""
    currency, lines = sheet.cart.currency, sheet.cart.lines
    floors = [product.floor_in(currency) for product in sheet.products]
    room = [max(0, amount - floor * line.quantity) for amount, floor, line in zip(so_far, floors, lines, strict=True)]
    if all(-part <= most for part, most in zip(entry.parts, room, strict=True)):
        return entry
    kept = _within(-entry.amount, so_far, room, fill=not given.percent)
    taken = sum(kept)
    if not taken:
        return no_effect(given, subtotal=entry.before, currency=currency)
    told = [(f"{FLOOR}{number}", floor) for number, floor in enumerate(floors, 1) if floor]
    return evolve(
        entry,
        code=f"{entry.code}_floored",
        amount=-taken,
        after=entry.before - taken,
        parts=tuple([-part for part in kept]),
        facts=(*entry.facts, *told, ("kept", -entry.amount - taken)),
    )


def _within(amount: int, weights: Amounts, room: list[int], *, fill: bool) -> list[int]:
    """The amount split by weights, no part above its room; with `fill` the others carry what one cannot, as far as they can.

    Of lines that amount to the same, the one with more room carries an odd cent, so that the order of lines changes nothing in the sum.
    """
    places = sorted([place for place, weight in enumerate(weights) if weight], key=lambda place: -room[place])
    kept = [0] * len(weights)
    while amount and places:
        for place, part in zip(places, allocate(amount, [weights[place] for place in places]), strict=True):
            more = min(part, room[place] - kept[place])
            kept[place] += more
            amount -= more
        places = [place for place in places if kept[place] < room[place]] if fill else []
    return kept
