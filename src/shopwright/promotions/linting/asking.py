"""What a promotion surely asks for, read off its tree at a glance: the names of which one must be there, and the time it is good for.

Rules
- what is told is necessary and need not be enough: two promotions that ask for different names of one thing never meet, and of the others
  nothing is said;
- a thing has one value (the sku of a line, the tier of a buyer) or any number of them (codes, segments): only of the first two names shut each
  other out;
- a condition of a plug-in asks for what its `may_hold` asks for, and may look at anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any

from attrs import frozen

from shopwright.promotions.conditions import All, AnyOf, Birthday, CartQuantity, CartTotal, Code, During, Issued, NewBuyer, Not, NthOrder, OneOf
from shopwright.promotions.matching import Either, Every, LineMatch, Named
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.windows import DateWindow

Names = Mapping[str, frozenset[str]]
"""Of each of these things one of these names."""

MANY = frozenset({"category", "tag", "segment", "code"})
"""Things of which there is any number."""
ANYTHING_AT_ALL: Names = {}
_OF_LINES = "line "
"""What stands before the attribute of a line, so that nothing around a basket has the same name."""


def one_of_lines(match: LineMatch | Any) -> Names:
    """What a line must be named for this predicate to mean it, as far as a line has one such name."""
    if isinstance(match, Named):
        return {} if match.attribute in MANY else {f"{_OF_LINES}{match.attribute}": match.values}
    if isinstance(match, Every):
        return together(one_of_lines(part) for part in match.of)
    return either(one_of_lines(part) for part in match.of) if isinstance(match, Either) else {}


def one_of_basket(condition: Any) -> Names:
    """What must be around a basket, or typed, for this condition to hold."""
    match condition:
        case OneOf():
            return {condition.what: condition.values}
        case Code() | Issued():
            return {"code": condition.codes}
        case All():
            return together(one_of_basket(part) for part in condition.of)
        case AnyOf():
            return either(one_of_basket(part) for part in condition.of)
        case _:
            declared = getattr(condition, "may_hold", None)
            return ANYTHING_AT_ALL if declared is None else one_of_basket(declared)


def together(parts: Iterable[Names]) -> Names:
    """All of these: where a thing has one value, the names that they have in common, else those of one of them."""
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for thing, names in part.items():
            known = found.get(thing)
            if known is None:
                found[thing] = names
            else:
                found[thing] = min(known, names, key=len) if thing in MANY else known & names
    return found


def either(parts: Iterable[Names]) -> Names:
    """One of these: what all of them ask for."""
    every = list(parts)
    shared = reduce(frozenset.intersection, [frozenset(part) for part in every])
    return {thing: frozenset().union(*[part[thing] for part in every]) for thing in shared}


@frozen
class Asked:
    """Names of which one must be there, and the time from `starts` until `ends`; `None` leaves a side open."""

    names: Names
    starts: datetime | None = None
    ends: datetime | None = None


def asked(promotion: Promotion, lines: Iterable[LineMatch] | None = None) -> Asked:
    """What a promotion asks for; with `lines`, of a basket with a line that one of these means."""
    names = one_of_basket(promotion.when)
    if lines is not None:
        names = {**names, **either(map(one_of_lines, lines))}
    windows: list[Promotion | DateWindow] = [promotion, *_windows(promotion.when)]
    starts = [it.starts for it in windows if it.starts is not None]
    ends = [it.ends for it in windows if it.ends is not None]
    return Asked(names, max(starts, default=None), min(ends, default=None))


def _windows(condition: Any) -> list[DateWindow]:
    """The windows that must be on."""
    if isinstance(condition, All):
        return [window for part in condition.of for window in _windows(part)]
    return [condition.window] if isinstance(condition, During) and isinstance(condition.window, DateWindow) else []


@frozen
class Looks:
    """What a condition looks at at all: names of each thing, and whether there may be more than can be read off it."""

    names: Names
    at_more: bool

    def of(self, thing: str, *, in_full: bool = True) -> frozenset[str] | None:
        """The names of a thing that it looks at; `None` where it may look at any, as it does (not `in_full`) at a thing that has one value."""
        if self.at_more or (thing in self.names and not in_full):
            return None
        return self.names.get(thing, frozenset())


def looks(condition: Any) -> Looks:
    """What a condition looks at, whatever it asks of it. Amounts may hang on the channel."""
    match condition:
        case OneOf():
            return Looks({condition.what: condition.values}, False)
        case Code() | Issued():
            return Looks({"code": condition.codes}, False)
        case All() | AnyOf():
            parts = [looks(part) for part in condition.of]
            things = {thing for part in parts for thing in part.names}
            names = {thing: frozenset().union(*[part.names.get(thing, frozenset()) for part in parts]) for thing in things}
            return Looks(names, any(part.at_more for part in parts))
        case Not():
            return looks(condition.of)
        case CartTotal() | CartQuantity():
            return Looks({"channel": frozenset()}, False)
        case NthOrder() | NewBuyer() | Birthday() | During():
            return Looks(ANYTHING_AT_ALL, False)
        case _:
            return Looks(ANYTHING_AT_ALL, True)
