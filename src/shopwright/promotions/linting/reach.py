"""Whether there is any basket at all of which something is so: the question behind every finding.

Rules
- "no" is a proof: no basket, whatever it holds and whenever it is, does what is asked;
- "yes" is exact for the conditions of Shopwright, but for bounds that only fractions of units could meet, and for trees too large to look at;
- what a plug-in says may hold or not, as it comes, unless it declares more (see `clauses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import product
from typing import Any

from attrs import frozen

from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import Birthday, CartQuantity, CartTotal, Code, Condition, During, Issued, NewBuyer, NthOrder, OneOf
from shopwright.promotions.linting.clauses import Clause, Truth, clauses_of
from shopwright.promotions.linting.lines import Ask, Market, can_be
from shopwright.promotions.linting.times import moment
from shopwright.promotions.matching import Either, Every, Except, LineMatch, Priced

MOST_WAYS = 256
_OTHER = "\uffff"
"""A channel that nothing names."""
_NO_DAY = 1_000
"""More days than any window has."""
_SURE = frozenset({Truth.TRUE, Truth.NOT_FALSE})
"""What asks of a condition that is always known to hold; the others ask it to fail."""


@frozen
class Question:
    """Conditions and what is asked of each, in a span of time, with a unit of each of `some` in the basket."""

    conditions: tuple[tuple[Condition, Truth], ...]
    starts: datetime | None = None
    ends: datetime | None = None
    some: tuple[LineMatch, ...] = ()
    asks: tuple[Ask, ...] = ()
    """What the lines amount to besides, in the currency of `market`."""
    market: str = ""
    """The currency in which all this is; any where it is empty."""
    timeless: bool = False
    """Whether windows are left out."""


def may_be(question: Question) -> bool:
    """Whether a basket is possible of which all this is so."""
    clauses = clauses_of(question.conditions)
    return clauses is None or any(_may_hold(clause, question) for clause in clauses)


def _may_hold(clause: Clause, question: Question) -> bool:
    by_kind: dict[type, list[tuple[Any, Truth]]] = {}
    for literal in clause:
        by_kind.setdefault(type(literal.atom), []).append((literal.atom, literal.truth))
    around = by_kind.get(OneOf, [])
    return (
        _numbers_fit(by_kind.get(NthOrder, []))
        and _ages_fit(by_kind.get(NewBuyer, []))
        and _birthdays_fit(by_kind.get(Birthday, []))
        and _names_fit([(code.codes, truth) for kind in (Code, Issued) for code, truth in by_kind.get(kind, [])])
        and all(_names_fit([(it.values, truth) for it, truth in around if it.what == what], single=what) for what in {it.what for it, _ in around})
        and (question.timeless or _is_time(by_kind.get(During, []), question))
        and _lines_fit(by_kind, around, question)
    )


def _known(literals: list[tuple[Any, Truth]]) -> bool:
    """Whether something must be known; else it may be unknown, and no condition on it holds or fails."""
    return any(truth in {Truth.TRUE, Truth.FALSE} for _, truth in literals)


def _names_fit(literals: list[tuple[frozenset[str], Truth]], *, single: str = "code") -> bool:
    """Codes and segments: any number of names; else exactly one."""
    if single not in {"code", "channel"} and not _known(literals):
        return True
    no = frozenset[str]().union(*[names for names, truth in literals if truth not in _SURE])
    yes = [names - no for names, truth in literals if truth in _SURE]
    if single in {"code", "segment"}:
        return all(yes)
    return not yes or bool(yes[0].intersection(*yes[1:]))


def _numbers_fit(literals: list[tuple[NthOrder, Truth]]) -> bool:
    """The number of an order: in some ranges and in none of others. Only ends of ranges need to be tried."""
    if not _known(literals):
        return True
    tried = {1} | {it.first for it, _ in literals} | {it.last + 1 for it, _ in literals if it.last is not None}
    return any(all((it.first <= number and (it.last is None or number <= it.last)) is (truth in _SURE) for it, truth in literals) for number in tried)


def _ages_fit(literals: list[tuple[NewBuyer, Truth]]) -> bool:
    yes = [it.days for it, truth in literals if truth in _SURE]
    no = [it.days for it, truth in literals if truth not in _SURE]
    return not _known(literals) or not yes or not no or min(yes) > max(no)


def _birthdays_fit(literals: list[tuple[Birthday, Truth]]) -> bool:
    """Every day is so many days after one birthday and before the next, 365 or 366 of them apart, or before the first one ever.

    Windows that put 29 February on different days may be shifted against each other by a day.
    """
    if not _known(literals):
        return True
    slack = 0 if len({it.window.leap for it, _ in literals}) == 1 else 1
    days = [(after, year - after) for year in (365, 366) for after in range(year)] + [(_NO_DAY, before) for before in range(1, _NO_DAY)]
    return any(all(_is_on(it.window, after, before, slack, truth in _SURE) is (truth in _SURE) for it, truth in literals) for after, before in days)


def _is_on(window: BirthdayWindow, after: int, before: int, slack: int, wanted: bool) -> bool:
    """Whether a window is on so many days after a birthday and before the next, in doubt as it is wanted."""
    more = slack if wanted else -slack
    return after <= window.days_after + more or before <= window.days_before + more


def _is_time(literals: list[tuple[During, Truth]], question: Question) -> bool:
    on = [it.window for it, truth in literals if truth in _SURE]
    off = [it.window for it, truth in literals if truth not in _SURE]
    return moment(on, off, starts=question.starts, ends=question.ends) is not None


def _lines_fit(by_kind: dict[type, list[tuple[Any, Truth]]], around: list[tuple[OneOf, Truth]], question: Question) -> bool:
    totals, counts = by_kind.get(CartTotal, []), by_kind.get(CartQuantity, [])
    asks = [*question.asks, *[Ask(lines, False, 1) for lines in question.some]]
    markets = _markets(
        [it for it, _ in totals],
        [*[it.lines for it, _ in (*totals, *counts)], *question.some, *[ask.lines for ask in question.asks]],
        around,
        question.market,
    )
    for market in markets:
        if question.market and market.currency != question.market:
            continue
        ways = [*[_of_total(it, truth, market) for it, truth in totals], *[_of_count(it, truth) for it, truth in counts]]
        number = 1
        for some in ways:
            number *= len(some)
        if number > MOST_WAYS:
            return True
        for way in product(*ways):
            # `None` is not to know, and then it may be.
            if can_be([*asks, *[ask for ask in way if ask is not None]], market) is not False:
                return True
    return False


def _of_total(condition: CartTotal, truth: Truth, market: Market) -> list[Ask | None]:
    """The ways in which a total can be as asked here; none where it cannot, and `None` where nothing is asked for."""
    low, high = market.amount(condition.least), market.amount(condition.most)
    if low is None and high is None:
        return [] if truth in _SURE else [None]
    return _ways(condition.lines, truth, low or 0, high, of_money=True)


def _of_count(condition: CartQuantity, truth: Truth) -> list[Ask | None]:
    return _ways(condition.lines, truth, condition.least, condition.most, of_money=False)


def _ways(lines: LineMatch, truth: Truth, low: int, high: int | None, *, of_money: bool) -> list[Ask | None]:
    if truth in _SURE:
        return [Ask(lines, of_money, low, high)]
    below: list[Ask | None] = [Ask(lines, of_money, 0, low - 1)] if low > 0 else []
    return below + ([Ask(lines, of_money, high + 1)] if high is not None else [])


def _markets(totals: list[CartTotal], lines: Iterable[LineMatch], around: list[tuple[OneOf, Truth]], extra: str) -> Iterator[Market]:
    """Every currency and channel that makes a difference, where the channel is as it is asked to be."""
    amounts = [amount for total in totals for amount in (*total.least, *total.most)]
    amounts += [amount for match in lines for leaf in _priced(match) for amount in (*leaf.least, *leaf.most)]
    channels = {amount.channel for amount in amounts} | {""}
    asked = [(it.values, truth in _SURE) for it, truth in around if it.what == "channel"]
    for values, _ in asked:
        channels |= values | {_OTHER}
    for channel in sorted(channels):
        if all((channel in values) is holds for values, holds in asked):
            for currency in sorted({amount.money.currency for amount in amounts} | {"", extra}):
                yield Market(currency, channel)


def _priced(match: Any) -> Iterator[Priced]:
    if isinstance(match, Every | Either):
        for part in match.of:
            yield from _priced(part)
    elif isinstance(match, Except):
        yield from _priced(match.of)
    elif isinstance(match, Priced):
        yield match


def both(one: LineMatch, other: LineMatch) -> LineMatch:
    """The lines that both mean."""
    return one if one == other else Every((one, other))
