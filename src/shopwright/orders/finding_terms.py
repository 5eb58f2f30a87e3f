"""The terms that an order is found by, as texts: what an index of orders keeps of each, and what it is asked for a filter.

Rules
- FIND-8: an order that meets a filter has, for each group of terms that the filter asks for, at least one of them; the other way round is not
  promised, so that whoever finds by terms asks `meets` in the end;
- an amount is one of few bands by the number of its digits, with the currency;
- a sku and a coupon are found by their first word, which is among the words of the order anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from shopwright.orders.finding import OrderFilter, names_of, said_of
from shopwright.orders.order import Order

MOST_DIGITS = 10
"""Totals of so many digits or more are in one band."""

Group = tuple[str, ...]


def terms_of(order: Order) -> frozenset[str]:
    """What an order is found by."""
    return frozenset(_terms(order))


def _terms(order: Order) -> Iterator[str]:
    yield from (word_term(word) for words in (names_of(order), said_of(order)) for word in words)
    yield _band(order.currency, order.total.minor)
    if order.channel:
        yield f"channel/{order.channel}"
    yield from (f"seller/{line.seller_id}" for line in order.lines)
    yield from (f"tag/{tag}" for tag in order.tags)
    yield from (f"hold/{hold.reason.value}" for hold in order.holds)


def groups_of(wanted: OrderFilter) -> tuple[Group, ...]:
    """What a filter asks for, beside its words, whose parts an index has to tell, and its phone: of each group one term at least."""
    return tuple(_groups(wanted))


def _groups(wanted: OrderFilter) -> Iterator[Group]:
    for text in (wanted.sku, wanted.coupon):
        if words := text.casefold().split():
            yield (word_term(words[0]),)
    if wanted.channel:
        yield (f"channel/{wanted.channel}",)
    if wanted.seller_id:
        yield (f"seller/{wanted.seller_id}",)
    if wanted.tag:
        yield (f"tag/{wanted.tag}",)
    if wanted.hold is not None:
        yield (f"hold/{wanted.hold.value}",)
    if wanted.currency:
        yield tuple([f"amount/{wanted.currency}/{digits}" for digits in range(_digits(wanted.least or 0), _digits(wanted.most) + 1)])


def word_term(word: str) -> str:
    """The term of a word, in small letters."""
    return f"word/{word}"


def _band(currency: str, minor: int) -> str:
    return f"amount/{currency}/{_digits(minor)}"


def _digits(minor: int | None) -> int:
    return MOST_DIGITS if minor is None else min(MOST_DIGITS, len(str(abs(minor))))
