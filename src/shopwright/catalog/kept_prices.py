"""Price lists as a shop keeps them: the lists together, the prices by sku, and what both were before.

    book = ListBook().plus(PriceList("gold", "EUR", tier="gold"))
    tea = SkuPrices("TEA").plus(ListedPrice("gold", "TEA", (PriceBreak(1, 900),)))
    asked(book, [tea]).price("TEA", currency="EUR", tier="gold", at=now)

Rules
- all prices of a sku are one document, so that a cart reads as many as it has skus, however many lists there are;
- a price of a list that is no more is as if it were not there, and stands again when the list comes back;
- what was asked is kept by revisions: each holds from its moment to the next one, and is forgotten when it was replaced so long ago (`KEPT`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from attrs import evolve, field, frozen

from shopwright.catalog.price_lists import ListedPrice, PriceList, PriceLists
from shopwright.catalog.products import MAX_SKU
from shopwright.edges import identifier, members
from shopwright.money import Money
from shopwright.periods import utc

KEPT = timedelta(days=400)
"""How long revisions are kept after they were replaced."""


@frozen
class ListBook:
    """The price lists of a shop, in the order of their ids."""

    lists: tuple[PriceList, ...] = field(default=(), validator=members(PriceList))

    def plus(self, price_list: PriceList) -> ListBook:
        """The book with this list, in place of the one of its id."""
        return ListBook(tuple(sorted([*self.without(price_list.id).lists, price_list], key=lambda each: each.id)))

    def without(self, list_id: str) -> ListBook:
        """The book without a list."""
        return ListBook(tuple([each for each in self.lists if each.id != list_id]))

    def has(self, list_id: str) -> bool:
        """Whether it has a list of this id."""
        return any(each.id == list_id for each in self.lists)


@frozen
class SkuPrices:
    """What lists say of one sku, in the order of their ids."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    rows: tuple[ListedPrice, ...] = field(default=(), validator=members(ListedPrice))

    def plus(self, row: ListedPrice) -> SkuPrices:
        """The prices with this one, in place of the one of its list."""
        return SkuPrices(self.sku, tuple(sorted([*self.without(row.list_id).rows, row], key=lambda each: each.list_id)))

    def without(self, list_id: str) -> SkuPrices:
        """The prices without that of a list."""
        return SkuPrices(self.sku, tuple([row for row in self.rows if row.list_id != list_id]))


def asked(book: ListBook, kept: Iterable[SkuPrices]) -> PriceLists:
    """The lists with these prices, to be asked; prices of lists that are no more are left out."""
    return PriceLists(book.lists, tuple([row for prices in kept for row in prices.rows if book.has(row.list_id)]))


class _Since(Protocol):
    @property
    def since(self) -> datetime:
        """From when on it holds."""
        ...


R = TypeVar("R", bound=_Since)


@frozen
class PriceRevision:
    """From a moment on, what the product itself costs in each currency (nothing while it is not for sale), and what lists say of it."""

    since: datetime = field(converter=utc)
    prices: tuple[Money, ...] = ()
    rows: tuple[ListedPrice, ...] = ()


@frozen
class PastPrices:
    """What a sku was to cost over time."""

    sku: str = field(validator=identifier(most=MAX_SKU))
    revisions: tuple[PriceRevision, ...] = ()

    def changed(self, *, at: datetime, prices: tuple[Money, ...] | None = None, rows: tuple[ListedPrice, ...] | None = None) -> PastPrices:
        """With other prices from this moment on (`None`: as they are); itself where they are these already."""
        last = self.revisions[-1] if self.revisions else PriceRevision(at)
        now = PriceRevision(at, last.prices if prices is None else prices, last.rows if rows is None else rows)
        if self.revisions and (last.prices, last.rows) == (now.prices, now.rows):
            return self
        return evolve(self, revisions=_with(self.revisions, now))


@frozen
class ListsRevision:
    """From a moment on, the price lists of the shop."""

    since: datetime = field(converter=utc)
    lists: tuple[PriceList, ...] = ()


@frozen
class PastLists:
    """What price lists there were over time."""

    revisions: tuple[ListsRevision, ...] = ()

    def changed(self, book: ListBook, *, at: datetime) -> PastLists:
        """With these lists from this moment on."""
        return PastLists(_with(self.revisions, ListsRevision(at, book.lists)))


def _with(revisions: Sequence[R], now: R) -> tuple[R, ...]:
    """The revisions with one more; one of the same moment, or of clocks that run ahead, is replaced."""
    before = [each for each in revisions if each.since < now.since]
    replaced = [each.since for each in before[1:]] + [now.since]
    return (*[each for each, end in zip(before, replaced, strict=True) if end > now.since - KEPT], now) if before else (now,)


def holding(revisions: Sequence[R], at: datetime) -> R | None:
    """The revision that held at a moment; `None` before the first one."""
    return next((each for each in reversed(revisions) if each.since <= at), None)
