"""How low prices can go when promotions stand together: to nothing, or below what goods cost.

Rules
- what is reckoned is a bound: no legal set brings a unit lower, though a basket that brings it as low may have to be an odd one;
- percentages off the list price add up, those of what is left follow one another, in the order in which promotions are taken;
- a fixed amount falls on as little as its condition lets the lines amount to;
- a unit that is given for others that are bought counts for its part of all of them, and as a gift, which is meant to cost nothing, where it
  could not be bought as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, cast

from attrs import evolve, frozen

from shopwright.money import Money
from shopwright.promotions.amounts import Amounts, amount_for
from shopwright.promotions.basket import Basket, Key
from shopwright.promotions.effects import AcrossOff, EachOff, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import Ladder
from shopwright.promotions.linting.asking import Asked, asked
from shopwright.promotions.linting.findings import Code, Finding, Good, Live, Severity, rate_text, silent
from shopwright.promotions.linting.lines import Ask
from shopwright.promotions.linting.pairs import rates
from shopwright.promotions.linting.reach import both, may_be
from shopwright.promotions.linting.times import FIRST
from shopwright.promotions.matching import Keys, LineMatch, keys_of_all
from shopwright.promotions.promotion import Promotion, is_legal
from shopwright.promotions.standing import bits
from shopwright.promotions.taking import Basis
from shopwright.promotions.units import Bundle, BuyGet, EveryNth

MOST_SETS = 5_000
"""How many sets are looked at for one question."""

Price = Fraction
Step = Callable[[Price], Price]


def free(live: Live) -> Iterator[Finding]:
    """Sets that leave nothing of a price."""
    alone: set[str] = set()
    for promotion in live.promotions:
        live.tick()
        message = _free_alone(promotion)
        if message:
            alone.add(promotion.id)
            yield Finding(Code.FREE_GOODS, Severity.ERROR, (promotion.id,), message)
            continue
        message = _free_if_cheap(promotion, live)
        if message:
            yield Finding(Code.FREE_GOODS, Severity.WARNING, (promotion.id,), message)
    rated = [it for it in live.promotions if it.id not in alone and rates(it)]
    # What is left of a price after percentages of what is left is never nothing: without one of the list price there is no such set.
    if not any(basis is Basis.LIST for it in rated for _, _, basis in rates(it)):
        return
    for some in _added_up(rated, live):
        said = ", ".join(rate_text(max(rate for rate, _, _ in rates(it))) for it in some)
        message = f"they can stand together on the same goods and take off all of their price ({said}); cap them, or let them not stand together"
        yield Finding(Code.FREE_GOODS, Severity.ERROR, tuple([it.id for it in some]), message)


def _free_alone(promotion: Promotion) -> str:
    for effect in promotion.effects:
        if isinstance(effect, Percent | Ladder) and not (effect.cap.per_unit or effect.cap.per_line or effect.cap.per_order or effect.cap.units):
            if any(rate >= 10_000 for rate, _, _ in rates(promotion)):
                return "it takes 100 % off, without a cap; make it an extra with gifts, or give it a cap"
        elif isinstance(effect, FixedPrice | Bundle) and any(not amount.money.minor for amount in effect.prices):
            return "its price is nothing; make it an extra with gifts, or give it a price"
    return ""


def _free_if_cheap(promotion: Promotion, live: Live) -> str:
    """An amount off that a small cart does not come to."""
    for effect in promotion.effects:
        if isinstance(effect, AcrossOff) and effect.cap.units is None:
            for amount in effect.amounts:
                money = min([amount.money.minor, *[it.money.minor for it in effect.cap.per_order if it.money.currency == amount.money.currency]])
                off = Money(money, amount.money.currency)
                asks = (Ask(effect.lines, True, 1, off.minor),)
                if may_be(live.question((promotion,), asks=asks, market=off.currency)):
                    return f"{off} off can be all that the goods cost, for its condition lets them amount to as little; ask for a total of more"
        elif isinstance(effect, Ladder):
            for rung in effect.rungs:
                for amount in rung.off:
                    spend = amount_for(rung.spend, currency=amount.money.currency, channel=amount.channel)
                    if spend is not None and spend <= amount.money.minor:
                        return (
                            f"{amount.money} off from {Money(spend, amount.money.currency)} on can be all that the goods cost; begin the step higher"
                        )
    return ""


def _added_up(rated: Sequence[Promotion], live: Live) -> Iterator[tuple[Promotion, ...]]:
    """The smallest sets whose percentages come to the whole price of some goods."""
    told: list[set[str]] = []
    for some, lines in _sets(rated, live):
        ids = {it.id for it in some}
        if any(known <= ids for known in told):
            continue
        left = Fraction(1)
        for promotion in some:
            for rate, _, basis in rates(promotion):
                left -= Fraction(rate, 10_000) * (1 if basis is Basis.LIST else max(left, Fraction(0)))
        if left <= 0 and live.can_meet(some, lines):
            told.append(ids)
            yield some


def _sets(rated: Sequence[Promotion], live: Live) -> Iterator[tuple[tuple[Promotion, ...], LineMatch]]:
    """Legal sets of two and more in the order they are taken, small ones first, with the lines that all of them mean."""
    places = {it.id: place for place, it in enumerate(rated)}
    met = [0] * len(rated)
    for one, other in evolve(live, promotions=tuple(rated), tick=silent).pairs(_where_most):
        if live.can_overlap((one, other), _lines(one), _lines(other)):
            met[places[one.id]] |= 1 << places[other.id]
    level: list[tuple[tuple[int, ...], int, LineMatch]] = [((place,), met[place], _lines(it)) for place, it in enumerate(rated)]
    looked_at = 0
    while level:
        grown = []
        for chosen, others, lines in level:
            for place in bits(others):
                looked_at += 1
                if looked_at > MOST_SETS:
                    return
                some = tuple([rated[it] for it in (*chosen, place)])
                if is_legal(some, live.stacking):
                    grown.append(((*chosen, place), others & met[place], both(lines, _lines(rated[place]))))
                    yield some, grown[-1][2]
        level = grown


def _where_most(promotion: Promotion) -> Asked:
    """A basket with goods that it takes its highest percentage off."""
    return asked(promotion, [_lines(promotion)])


def _lines(promotion: Promotion) -> LineMatch:
    lines: LineMatch = max(rates(promotion), key=lambda it: it[0])[1]
    return lines


@frozen
class _Lowest:
    """The least that a unit can cost, and by which promotions."""

    price: Price
    promotions: tuple[Promotion, ...]


def below_cost(live: Live, goods: Sequence[Good]) -> Iterator[Finding]:
    """Goods that a legal set sells for less than they cost, those of one set together."""
    found: dict[tuple[str, ...], list[tuple[Good, Price]]] = {}
    by_key = _by_key(live.promotions) if goods else {}
    for good in goods:
        live.tick()
        if good.cost is None or good.line.floor >= good.cost or good.line.unit_price < good.cost:
            continue
        lowest = _lowest(good, by_key, live)
        if max(lowest.price, Fraction(good.line.floor)) < good.cost:
            found.setdefault(tuple([it.id for it in lowest.promotions]), []).append((good, lowest.price))
    for ids, some in found.items():
        good, price = min(some, key=lambda pair: pair[1] / max(1, pair[0].cost or 1))
        least = Money(max(0, int(price)), good.currency)
        more = f" and {len(some) - 1} more" if len(some) > 1 else ""
        message = f"{good.line.sku}{more} can go down to {least}, and costs {Money(good.cost or 0, good.currency)}; cap them, or set a floor price"
        yield Finding(Code.BELOW_COST, Severity.ERROR, ids, message)


def _by_key(promotions: Sequence[Promotion]) -> dict[Key | None, list[int]]:
    """The places of promotions by what a line must have for them to change its price; `None` is for those that could be for any line."""
    found: dict[Key | None, list[int]] = {}
    for place, promotion in enumerate(promotions):
        wanted = [_keys(effect) for effect in promotion.effects]
        for key in {None} if None in wanted else frozenset[Key | None]().union(*filter(None, wanted)):
            found.setdefault(key, []).append(place)
    return found


def _keys(effect: Any) -> Keys:
    if isinstance(effect, Bundle):
        return keys_of_all(part.lines.keys for part in effect.parts)
    lines = effect.given if isinstance(effect, BuyGet) else getattr(effect, "lines", None)
    return frozenset() if lines is None else cast("Keys", lines.keys)


def _lowest(good: Good, by_key: dict[Key | None, list[int]], live: Live) -> _Lowest:
    """Every legal set of the promotions that touch these goods is tried, up to so many; the smallest that does it is told."""
    basket = Basket(good.currency, (good.line,), FIRST)
    maybe = sorted({place for key in (None, *basket.keys) for place in by_key.get(key, ())})
    touching = [(it, steps) for it in map(live.promotions.__getitem__, maybe) if (steps := _steps(it, good, basket, live))]
    best = _Lowest(Fraction(good.line.unit_price), ())
    level: list[tuple[tuple[int, ...], Price]] = [((), best.price)]
    looked_at = 0
    while level and best.price > 0:
        grown = []
        for places, price in level:
            for place in range(places[-1] + 1 if places else 0, len(touching)):
                looked_at += 1
                some = tuple([touching[it][0] for it in (*places, place)])
                if looked_at > MOST_SETS or not is_legal(some, live.stacking) or not live.can_meet(some):
                    continue
                left = price
                for step in touching[place][1]:
                    left = max(Fraction(0), min(left, step(left)))
                grown.append(((*places, place), left))
                if left < best.price:
                    best = _Lowest(left, some)
        level = grown
    return best


def _steps(promotion: Promotion, good: Good, basket: Basket, live: Live) -> list[Step]:
    """What each effect makes of the price of one unit at the lowest."""
    found = [_step(effect, promotion, good, basket, live) for effect in promotion.effects]
    return [step for step in found if step is not None]


def _step(effect: Any, promotion: Promotion, good: Good, basket: Basket, live: Live) -> Step | None:
    line, list_price = good.line, Fraction(good.line.unit_price)
    if isinstance(effect, Bundle):
        return _bundled(effect, good, basket)
    lines = effect.given if isinstance(effect, BuyGet) else getattr(effect, "lines", None)
    if lines is None or not lines.holds(line, basket):
        return None
    match effect:
        case Percent():
            return _percentage(Fraction(effect.percent, 10_000), effect.basis, list_price, _per_unit(effect, good))
        case EveryNth():
            return _percentage(Fraction(effect.percent, 10_000 * effect.n), effect.basis, list_price, None)
        case BuyGet():
            part = Fraction(effect.percent * effect.get, 10_000 * (effect.buy + effect.get))
            return _percentage(part, effect.basis, list_price, None) if effect.bought.holds(line, basket) else None
        case FixedPrice():
            price = _amount(effect.prices, good)
            return None if price is None else _at(Fraction(price))
        case EachOff() | OnceOff():
            amount = _amount(effect.amounts, good)
            return None if amount is None else _minus(amount)
        case AcrossOff():
            amount = _amount(effect.amounts, good)
            if amount is None:
                return None
            part = Fraction(amount, max(amount, line.unit_price, _least_total(promotion, effect.lines, good.currency, live)))
            return lambda left: left * (1 - part)
        case Ladder():
            highest = max((rung.percent for rung in effect.rungs), default=0)
            return _percentage(Fraction(highest, 10_000), effect.basis, list_price, _per_unit(effect, good)) if highest else None
        case _:
            return None


def _amount(amounts: Amounts, good: Good) -> int | None:
    return amount_for(amounts, currency=good.currency, channel="")


def _per_unit(effect: Percent | Ladder, good: Good) -> int | None:
    return _amount(effect.cap.per_unit, good)


def _at(price: Price) -> Step:
    return lambda _: price


def _minus(amount: int) -> Step:
    return lambda left: left - amount


def _percentage(part: Fraction, basis: Basis, list_price: Price, cap: int | None) -> Step:
    def step(left: Price) -> Price:
        off = part * (list_price if basis is Basis.LIST else left)
        return left - (off if cap is None else min(off, Fraction(cap)))

    return step


def _bundled(effect: Bundle, good: Good, basket: Basket) -> Step | None:
    """A unit's part of the price of a bundle that can be made of these goods alone."""
    price = _amount(effect.prices, good)
    if price is None or not all(part.lines.holds(good.line, basket) for part in effect.parts):
        return None
    share = Fraction(price, sum(part.quantity for part in effect.parts))
    return _at(share)


def _least_total(promotion: Promotion, lines: LineMatch, currency: str, live: Live) -> int:
    """The least that the lines can amount to where the promotion applies, from one minor unit on."""
    low, high = 1, 10**9
    while low < high:
        middle = (low + high) // 2
        if may_be(live.question((promotion,), asks=(Ask(lines, True, 1, middle),), market=currency)):
            high = middle
        else:
            low = middle + 1
    return low
