"""What promotions do to a price: the basket they see, what they take off line by line, and why the others do not.

Rules
- promotions are looked for once, before any step is taken; the steps then write down what was found, each effect as an entry of its own;
- a frozen price is made again from what was granted then: no promotion of today is asked (`Granted`);
- what is no money (gifts, points, coupons to come) is told in entries of its own that change no amount (`shopwright.pricing.gifts`).
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.money import Rounding, allocate
from shopwright.pricing.cart import Cart
from shopwright.pricing.checks import Sheet, open_sheet
from shopwright.pricing.facts import FlatShipping, Granted, Offers, PriceFacts, ShippingPerLine
from shopwright.pricing.gifts import Shelf, extras_of, gone, is_given
from shopwright.pricing.shelf import basket_line
from shopwright.pricing.trace import TraceStep
from shopwright.promotions.basket import Basket
from shopwright.promotions.code_desks import Entered
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.engine import Engine, Outcome, Skipped
from shopwright.promotions.limits import Claim, Use, claims
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.sets import birthday_year, codes_used
from shopwright.refusals import Refusal

ENGINE_VERSION = 1
"""How promotions are reckoned; it goes up when the same promotions would give another price."""

CODE, LOOKED, LINE, SHIPPING = "code", "promotions", "promotion", "shipping_promotion"
"""The steps of a trace that tell of promotions: what became of a code, that they were looked for, and what an effect took off lines or shipping."""


@frozen(slots=False)
class _Looked:
    """What was found for a basket: the entries, the outcome that they tell of, and the promotions that it was found without."""

    entries: tuple[TraceStep, ...]
    basket: Basket
    outcome: Outcome
    exhausted: frozenset[str]


def found(sheet: Sheet, facts: PriceFacts) -> tuple[TraceStep, ...] | Refusal:
    """The entries of the promotions for a sheet, as if each began at nothing; parts of shipping are not split over lines yet.

    Refused with `gift_unavailable` where a promotion wants no order without its gift.
    """
    offers = facts.offers
    if isinstance(offers, Granted):
        lines = len(sheet.products)
        for entry in offers.entries:
            if entry.parts and len(entry.parts) != lines:
                raise InvalidValue(f"expected what promotion {entry.rule} granted for {lines} lines, got it for {len(entry.parts)}")
        return offers.entries
    if not isinstance(offers, Offers):
        return ()
    looked = _searched(sheet, facts, offers)
    return looked if isinstance(looked, Refusal) else _with_codes(looked, offers)


def found_and_not(sheet: Sheet, facts: PriceFacts) -> tuple[tuple[TraceStep, ...], tuple[Skipped, ...]] | Refusal:
    """The entries of the promotions, and why each other one is not taken, from one search; of frozen ones nothing is known but what they gave."""
    offers = facts.offers
    if not isinstance(offers, Offers):
        told = found(sheet, facts)
        return told if isinstance(told, Refusal) else (told, ())
    looked = _searched(sheet, facts, offers, reasons=True)
    return looked if isinstance(looked, Refusal) else (_with_codes(looked, offers), _not_taken(looked, offers.engine))


def _with_codes(looked: _Looked, offers: Offers) -> tuple[TraceStep, ...]:
    return looked.entries if offers.entered is None else (*codes_told(offers.entered, looked.entries), *looked.entries)


def _searched(sheet: Sheet, facts: PriceFacts, offers: Offers, *, reasons: bool = False) -> _Looked | Refusal:
    """The best set, searched again without those that are not taken for the lack of a gift."""
    basket, exhausted = basket_of(sheet, offers), offers.exhausted
    without: tuple[TraceStep, ...] = ()
    while True:
        outcome = offers.engine.evaluate(basket, exhausted=exhausted, reasons=reasons)
        if not any(taken.has_extras for applied in outcome.applied for taken in applied.taken):
            return _Looked((*entries_of(outcome, offers.engine), *without), basket, outcome, exhausted)
        extras = extras_of(outcome, Shelf(sheet.cart, facts.products, offers.gift_stock))
        if isinstance(extras, Refusal):
            return extras
        if not extras.not_taken:
            return _Looked((*entries_of(outcome, offers.engine), *extras.entries, *without), basket, outcome, exhausted)
        exhausted |= extras.not_taken
        without += extras.entries


def codes_told(entered: Entered, told: tuple[TraceStep, ...]) -> tuple[TraceStep, ...]:
    """What became of the codes: those that were refused, and those by which a promotion of these entries was claimed."""
    refused = [TraceStep(CODE, no.code, 0, 0, 0, (), code, 0, "", no.message, no.facts) for code, no in entered.refused]
    taken = {entry.rule for entry in told if entry.step in (LINE, SHIPPING) or is_given(entry)}
    claimed = [
        TraceStep(CODE, "claimed", 0, 0, 0, (), it.code, 0, "", "", (("batch", it.batch.id), ("promotion", it.batch.promotion)))
        for it in entered.issued
        if it.batch.promotion in taken
    ]
    return (*refused, *claimed)


def why_not(cart: Cart, facts: PriceFacts, *, at: datetime) -> tuple[Skipped, ...] | Refusal:
    """Every promotion that does not change the price of this cart, with its reason; refused where the cart has no price at all.

    None where the facts hold no promotions to look for.
    """
    sheet = open_sheet(cart, facts, at=at)
    if isinstance(sheet, Refusal):
        return sheet
    told = found_and_not(sheet, facts)
    return told if isinstance(told, Refusal) else told[1]


def _not_taken(looked: _Looked, engine: Engine) -> tuple[Skipped, ...]:
    """Why each other promotion is not taken; of those that lack a gift, that."""
    told = {it.promotion.id: it for it in engine.why_not(looked.basket, exhausted=looked.exhausted, outcome=looked.outcome)}
    every = told | gone(looked.entries, engine)
    return tuple([every[it.id] for it in engine.promotions if it.id in every])


def basket_of(sheet: Sheet, offers: Offers) -> Basket:
    """What promotions see of a cart."""
    cart = sheet.cart
    lines = tuple(
        [
            basket_line(product, line.quantity, price, cart.currency, off=taken)
            for line, product, price, taken in zip(cart.lines, sheet.products, sheet.unit_prices, off_by_line(sheet), strict=True)
        ]
    )
    return Basket(
        cart.currency,
        lines,
        sheet.at,
        codes=cart.codes if offers.entered is None else offers.entered.names,
        shipping=_charged(sheet),
        channel=cart.channel,
        payment_method=offers.payment_method,
        ship_to=offers.ship_to,
        buyer=offers.buyer,
    )


def off_by_line(sheet: Sheet) -> tuple[int, ...]:
    """What price rules take off each line."""
    parts = [entry.parts for entry in sheet.shelf if entry.parts]
    return tuple([-sum(each) for each in zip(*parts, strict=True)]) if parts else (0,) * len(sheet.products)


def _charged(sheet: Sheet) -> int:
    """What shipping costs before promotions."""
    match sheet.shipping:
        case FlatShipping(amount=amount):
            return amount if any(product.ships for product in sheet.products) else 0
        case ShippingPerLine(amounts=amounts):
            return sum(amounts)
        case _:
            return 0


def entries_of(outcome: Outcome, engine: Engine) -> tuple[TraceStep, ...]:
    """An outcome as entries of a trace: how the promotions were found, then each effect that took something off."""
    facts = (("bound", outcome.bound), ("engine", ENGINE_VERSION), ("nodes", outcome.nodes), ("proved", outcome.proved), ("worth", outcome.worth))
    told = [TraceStep(LOOKED, engine.how.strategy.value, 0, 0, 0, facts=facts)]
    for applied in outcome.applied:
        for effect, taken in zip(applied.promotion.effects, applied.taken, strict=True):
            if any(taken.parts):
                told.append(_entry(LINE, applied.promotion, effect, -sum(taken.parts), tuple([-part for part in taken.parts])))
            if taken.shipping:
                told.append(_entry(SHIPPING, applied.promotion, effect, -taken.shipping, ()))
    return tuple(told)


def _entry(step: str, promotion: Promotion, effect: object, amount: int, parts: tuple[int, ...]) -> TraceStep:
    rounding = getattr(effect, "rounding", None)
    named = rounding.value if isinstance(rounding, Rounding) else ""
    return TraceStep(step, _name(type(effect).__name__), 0, amount, amount, parts, promotion.id, promotion.version, named, promotion.title)


@cache
def _name(effect: str) -> str:
    """The name of an effect as the trace tells it: `BuyGet` is `buy_get`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", effect).lower()


def from_here(entries: tuple[TraceStep, ...], before: int) -> tuple[TraceStep, ...]:
    """The same entries, each beginning where the one before it ended."""
    told = []
    for entry in entries:
        told.append(evolve(entry, before=before, after=before + entry.amount))
        before += entry.amount
    return tuple(told)


def off_shipping(entries: tuple[TraceStep, ...], shares: tuple[int, ...], before: int) -> tuple[TraceStep, ...]:
    """What promotions take off shipping, each split over the lines by what is left of their shares; a frozen split is split again."""
    told = []
    for entry in entries:
        amount = min(-entry.amount, sum(shares))
        parts = tuple([-part for part in allocate(amount, shares)])
        told.append(evolve(entry, before=before, amount=-amount, after=before - amount, parts=parts))
        shares = tuple([share + part for share, part in zip(shares, parts, strict=True)])
        before -= amount
    return tuple(told)


def claims_of(trace: tuple[TraceStep, ...], cart: Cart, offers: Offers, *, at: datetime) -> tuple[Claim, ...]:
    """What an order at this price needs of the limits of the promotions that changed it."""
    taken: dict[str, int] = {}
    touched: dict[str, set[int]] = {}
    for entry in trace:
        if entry.step in (LINE, SHIPPING) or is_given(entry):
            taken[entry.rule] = taken.get(entry.rule, 0) - entry.amount
            touched.setdefault(entry.rule, set()).update(place for place, part in enumerate(entry.parts) if part and entry.step == LINE)
    found: list[Claim] = []
    for id, amount in taken.items():
        promotion = offers.engine.by_id[id]
        if not promotion.limits.are_none:
            codes, units = _codes_of(promotion, cart, offers.entered), sum(cart.lines[place].quantity for place in touched[id])
            year = birthday_year(promotion.when, offers.buyer, at) if promotion.limits.per_birthday is not None else None
            found += claims(promotion.limits, Use(id, amount, cart.currency, cart.channel, offers.buyer.id, codes, at, units, year))
    return tuple(found)


def _codes_of(promotion: Promotion, cart: Cart, entered: Entered | None) -> frozenset[str]:
    """The codes that were typed for a promotion."""
    if entered is None:
        return codes_used(promotion, cart.codes)
    return codes_used(promotion, entered.words) | {it.code for it in entered.issued if it.batch.promotion == promotion.id}


def code_claims(trace: tuple[TraceStep, ...], entered: Entered) -> tuple[Claim, ...]:
    """What an order at this price needs of the uses of issued codes: one of each by which a promotion was claimed."""
    claimed = {entry.rule for entry in trace if entry.step == CODE and entry.code == "claimed"}
    return tuple([Claim(coupon_key(it.code), 1, it.uses.total) for it in entered.issued if it.uses.total is not None and it.code in claimed])
