"""What promotions did to a basket and why others did nothing, in words, as a table for the terminal, and as plain data.

    tell(skipped, "EUR")              # "37.00 EUR more (13.00 EUR of 50.00 EUR)"
    print(table(outcome, basket))     # a row for each promotion
    as_data(outcome, basket)          # numbers, texts, lists and dicts: for JSON, for a diff

Rules
- words are made from codes and facts alone, so an app can say the same in another language;
- the same facts give the same words in the same order, whatever the order of the lines: promotions that were taken as they were taken, the
  others by id, lines by sku; how many sets were looked at is not told, for that changes with the speed of the search;
- a code that was not typed is never told, nor which members a promotion is for: so keep codes out of ids;
- times are in UTC, and amounts in the currency of the basket.

An outcome tells of the promotions that could touch the basket; to tell of all, put `engine.why_not(basket)` in its `skipped`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from shopwright.money import BASIS_POINTS, Money
from shopwright.promotions.basket import Basket, canonical
from shopwright.promotions.conditions import Unmet
from shopwright.promotions.engine import Outcome, Skip, Skipped
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.sets import Applied
from shopwright.promotions.taking import Taken
from shopwright.refusals import Fact

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]
"""What JSON can hold."""


def tell(skipped: Skipped, currency: str) -> str:
    """Why a promotion was not taken, and how far it is from it."""
    match skipped.reason:
        case Skip.CONDITION | Skip.UNKNOWN | Skip.GIFT_GONE if skipped.unmet is not None:
            return tell_unmet(skipped.unmet, currency)
        case Skip.EXCLUDED:
            return f"cannot stand beside {', '.join(skipped.beside)}"
        case Skip.NOT_STARTED if skipped.promotion.starts is not None:
            return f"starts at {_time(skipped.promotion.starts)}"
        case Skip.ENDED if skipped.promotion.ends is not None:
            return f"ended at {_time(skipped.promotion.ends)}"
        case reason:
            return _WHY.get(reason, str(reason).replace("_", " "))


_WHY = {
    Skip.ARCHIVED: "is archived",
    Skip.EXHAUSTED: "its uses are used up",
    Skip.GIFT_GONE: "a gift of it cannot be given",
    Skip.NO_EFFECT: "takes nothing off this basket",
    Skip.NOT_BETTER: "would not give more",
}


def tell_unmet(unmet: Unmet, currency: str) -> str:
    """Why a condition does not hold; of one that a plug-in brings its name and its facts are told as they are."""
    if unmet.inside:
        return "either " + ", or ".join(tell_unmet(branch, currency) for branch in unmet.inside)
    if unmet.actual is None:
        return f"not known: {_SUBJECTS.get(unmet.condition, unmet.condition.replace('_', ' '))}"
    words = _WORDS.get(unmet.condition)
    return _of_plug_in(unmet, currency) if words is None else words(unmet, currency)


_SUBJECTS = {
    "tier": "member tier",
    "segment": "member segments",
    "ship_to": "ship-to country",
    "nth_order": "orders before this one",
    "new_buyer": "when the buyer joined",
    "birthday": "birth date",
}


def _amount(minor: Fact | None, currency: str) -> str:
    return str(Money(minor, currency)) if isinstance(minor, int) else str(minor)


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _units(count: Fact | None) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def _days(count: Fact | None) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _opens(unmet: Unmet) -> str:
    return f"on from {_time(datetime.fromisoformat(str(unmet.required)))}" if unmet.required else "never on again"


def _another(what: str) -> Callable[[Unmet, str], str]:
    return lambda unmet, _: f"{what} must be {str(unmet.required).replace(', ', ' or ')}, got {unmet.actual or 'none'}"


_WORDS: dict[str, Callable[[Unmet, str], str]] = {
    "currency": lambda it, _: f"only in {str(it.required).replace(', ', ' or ')}, and this is in {it.actual}",
    "cart_total": lambda it, coin: f"{_amount(it.missing, coin)} more ({_amount(it.actual, coin)} of {_amount(it.required, coin)})",
    "cart_total_most": lambda it, coin: f"at most {_amount(it.required, coin)}, got {_amount(it.actual, coin)}",
    "cart_quantity": lambda it, _: f"{it.missing} more {'unit' if it.missing == 1 else 'units'} ({it.actual} of {it.required})",
    "cart_quantity_most": lambda it, _: f"at most {_units(it.required)}, got {it.actual}",
    "code": lambda it, _: "needs a code that was not typed",
    "buyer": lambda it, _: "is for other buyers",
    "channel": _another("channel"),
    "payment_method": _another("payment method"),
    "ship_to": _another("ship-to country"),
    "tier": _another("member tier"),
    "segment": _another("member segment"),
    "nth_order": lambda it, _: f"from order {it.required} on, and this is order {it.actual}",
    "nth_order_last": lambda it, _: f"up to order {it.required}, and this is order {it.actual}",
    "new_buyer": lambda it, _: f"within {_days(it.required)} of joining, and it is {_days(it.actual)}",
    "during": lambda it, _: _opens(it),
    "birthday": lambda it, _: "only around the birthday",
    "not": lambda it, _: "what it excludes is the case",
    "gift_unknown": lambda it, _: f"its gift {it.required} is no product of the shop",
    "gift_inactive": lambda it, _: f"its gift {it.required} is not active",
    "gift_out_of_stock": lambda it, _: f"of its gift {it.required} too few are left ({it.actual} free, {it.missing} more wanted)",
}


def _of_plug_in(unmet: Unmet, currency: str) -> str:
    name = unmet.condition.replace("_", " ")
    if unmet.unit == "money":
        required, actual, missing = (_amount(each, currency) for each in (unmet.required, unmet.actual, unmet.missing))
    else:
        required, actual, missing = (f"{each} {unmet.unit}".strip() for each in (unmet.required, unmet.actual, unmet.missing))
    more = f"; {missing} more" if unmet.missing else ""
    return f"{name} must be {required}, got {actual}{more}"


def tell_applied(applied: Applied, basket: Basket) -> str:
    """What a promotion gave: `3.50 EUR off: CUP 1.00, TEA 2.50; 1 MUG as a gift`."""
    said = []
    by_sku = _by_sku(applied, basket)
    if by_sku:
        off = ", ".join(f"{sku} {_number(amount, basket.currency)}" for sku, amount in by_sku)
        said.append(f"{_amount(sum(amount for _, amount in by_sku), basket.currency)} off: {off}")
    shipping = sum(taken.shipping for taken in applied.taken)
    if shipping:
        said.append(f"{_amount(shipping, basket.currency)} off shipping")
    for taken in applied.taken:
        said += _extras(taken)
    return "; ".join(said)


def _extras(taken: Taken) -> list[str]:
    said = [f"{gift.quantity} {gift.sku} as a gift" for gift in taken.gifts]
    if taken.points:
        said.append(f"{taken.points} points")
    if taken.points_rate:
        said.append(f"points times {f'{taken.points_rate / BASIS_POINTS:.4f}'.rstrip('0').rstrip('.')}")
    return [*said, *(f"a coupon of {batch}" for batch in taken.coupons)]


def _number(minor: int, currency: str) -> str:
    return str(Money(minor, currency)).partition(" ")[0]


def _parts(applied: Applied, size: int) -> list[int]:
    parts = [0] * size
    for taken in applied.taken:
        for place, part in enumerate(taken.parts):
            parts[place] += part
    return parts


def _by_sku(applied: Applied, basket: Basket) -> list[tuple[str, int]]:
    """What was taken off each sku that it touched, by sku."""
    off: Counter[str] = Counter()
    for line, part in zip(basket.lines, _parts(applied, len(basket.lines)), strict=True):
        off[line.sku] += part
    return sorted((sku, amount) for sku, amount in off.items() if amount)


def _by_id(skipped: tuple[Skipped, ...]) -> list[Skipped]:
    return sorted(skipped, key=lambda it: it.promotion.id)


def _surely(outcome: Outcome, currency: str) -> str:
    """How sure it is that nothing gives more."""
    if outcome.proved:
        return "no set that is allowed gives more"
    return f"worth {_amount(outcome.worth, currency)}; no set that is allowed is worth more than {_amount(outcome.bound, currency)}"


def tell_outcome(outcome: Outcome, basket: Basket) -> tuple[str, ...]:
    """A sentence for each promotion that was taken, one for each that was not, and how sure it is that nothing gives more."""
    taken = [f"{it.promotion.id}: {tell_applied(it, basket)}" for it in outcome.applied]
    not_taken = [f"{it.promotion.id} is not taken: {tell(it, basket.currency)}" for it in _by_id(outcome.skipped)]
    return tuple(map(printable, (*taken, *not_taken, _surely(outcome, basket.currency))))


def table(outcome: Outcome, basket: Basket) -> str:
    """A row for each promotion in columns of plain text: its id, the money it took off, and what it gave or why not."""
    rows = [("promotion", "off", "why")]
    rows += [(it.promotion.id, _amount(it.amount, basket.currency), tell_applied(it, basket)) for it in outcome.applied]
    rows += [(it.promotion.id, "-", tell(it, basket.currency)) for it in _by_id(outcome.skipped)]
    first, second = (max(width(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{id}{' ' * (first - width(id))}  {' ' * (second - width(off))}{off}  {printable(why)}" for id, off, why in rows)


def printable(text: str) -> str:
    """The text on one line, and nothing in it that a terminal would obey."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def width(text: str) -> int:
    """How many columns of a terminal a text takes: signs of wide scripts take two, and marks on a letter none."""
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def as_data(outcome: Outcome, basket: Basket) -> dict[str, Plain]:
    """The same as plain data; amounts are minor units. Keys and their order are the same every time, and nothing is left out for being zero."""
    order = canonical(basket.lines)
    lines: list[Plain] = [
        {"sku": basket.lines[place].sku, "quantity": basket.lines[place].quantity, "amount": basket.lines[place].amount, "off": outcome.parts[place]}
        for place in order
    ]
    return {
        "currency": basket.currency,
        "lines": lines,
        "off": outcome.discount,
        "shipping_off": outcome.shipping,
        "worth": outcome.worth,
        "proved": outcome.proved,
        "bound": outcome.bound,
        "applied": [_applied_data(it, order) for it in outcome.applied],
        "skipped": [_skipped_data(it) for it in _by_id(outcome.skipped)],
    }


def _head(promotion: Promotion) -> dict[str, Plain]:
    return {"promotion": promotion.id, "version": promotion.version}


def _applied_data(applied: Applied, order: tuple[int, ...]) -> Plain:
    parts = _parts(applied, len(order))
    gifts: list[Plain] = [{"sku": gift.sku, "quantity": gift.quantity} for taken in applied.taken for gift in taken.gifts]
    return {
        **_head(applied.promotion),
        "off": [parts[place] for place in order],
        "shipping_off": sum(taken.shipping for taken in applied.taken),
        "gifts": gifts,
        "points": sum(taken.points for taken in applied.taken),
        "points_rates": [taken.points_rate for taken in applied.taken if taken.points_rate],
        "coupons": [batch for taken in applied.taken for batch in taken.coupons],
    }


def _skipped_data(skipped: Skipped) -> Plain:
    unmet = None if skipped.unmet is None else _unmet_data(skipped.unmet)
    return {**_head(skipped.promotion), "reason": skipped.reason.value, "beside": list(skipped.beside), "unmet": unmet}


def _unmet_data(unmet: Unmet) -> Plain:
    return {
        "condition": unmet.condition,
        # Who else a promotion is for is nobody's to learn.
        "required": "" if unmet.condition == "buyer" else unmet.required,
        "actual": unmet.actual,
        "missing": unmet.missing,
        "unit": unmet.unit,
        "path": list(unmet.path),
        "inside": [_unmet_data(branch) for branch in unmet.inside],
    }
