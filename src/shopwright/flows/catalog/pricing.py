"""Price lists of a shop: the lists together, their prices by sku, and what both were before, each change with its record in one changeset.

Rules
- a shop that asks its lists (`CatalogTerms.lists`) keeps what everything was to cost, from the first price that was put while it did;
- removing what is not there changes nothing and tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from shopwright.catalog.events import PriceListPut, PriceListRemoved, PricesPut
from shopwright.catalog.kept_prices import ListBook, PastLists, SkuPrices
from shopwright.catalog.price_lists import ListedPrice, PriceList
from shopwright.catalog.products import Product
from shopwright.flows.catalog.commands import CatalogCommand, PutPriceList, PutPrices, RemovePriceList, RemovePrices
from shopwright.flows.catalog.keeping import told
from shopwright.flows.catalog.past import past_puts
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.ports.storage import Changeset, Put, Record
from shopwright.refusals import Refusal
from shopwright.wire.catalog_kinds import CATALOG, PRICE_LISTS

Change = Callable[[SkuPrices], SkuPrices]


@takes(PutPriceList)
def put_price_list(ports: Ports, command: PutPriceList, *, at: datetime) -> PriceList | Refusal:
    """Put a price list into the shop, or change it."""
    event = PriceListPut(list_id=command.price_list.id, by=told(command.by), at=at)
    done = _booked(ports, command, lambda book: book.plus(command.price_list), event, at=at)
    return done if isinstance(done, Refusal) else command.price_list


@takes(RemovePriceList)
def remove_price_list(ports: Ports, command: RemovePriceList, *, at: datetime) -> ListBook | Refusal:
    """Ask a price list no more; the lists that are left. Refused with `price_list_unknown` (fact: `list`)."""

    def without(book: ListBook) -> ListBook | Refusal:
        return book.without(command.list_id) if book.has(command.list_id) else _unknown(command.list_id)

    return _booked(ports, command, without, PriceListRemoved(list_id=command.list_id, by=told(command.by), at=at), at=at)


def _booked(
    ports: Ports, command: CatalogCommand, change: Callable[[ListBook], ListBook | Refusal], event: PriceListPut | PriceListRemoved, *, at: datetime
) -> ListBook | Refusal:
    op = operation(ports, command, PRICE_LISTS)

    def attempt() -> ListBook | Refusal:
        found = ports.storage.load_each({ListBook: (PRICE_LISTS,), PastLists: (PRICE_LISTS,)})
        stored, before = found.of(ListBook).get(PRICE_LISTS), found.of(PastLists).get(PRICE_LISTS)
        book, version = (ListBook(), 0) if stored is None else (stored.value, stored.version)
        after = change(book)
        if isinstance(after, Refusal):
            return after if ports.storage.answered(op) is None else book
        past = (PastLists() if before is None else before.value).changed(after, at=at)
        puts = (Put(PRICE_LISTS, after, version), Put(PRICE_LISTS, past, 0 if before is None else before.version))
        record = Record(CATALOG, f"price_lists/{version + 1}", 1, event)
        result = ports.storage.commit(Changeset(op, at, puts=puts, records=(record,)))
        if isinstance(result, Refusal):
            return result
        return book if result.repeated else after

    return tried(ports.storage, attempt)


@takes(PutPrices)
def put_prices(ports: Ports, command: PutPrices, *, at: datetime) -> int | Refusal:
    """What lists say of skus, all of it or nothing; how many skus those are. Refused with `price_list_unknown` (fact: `list`)."""
    stored = ports.storage.load(ListBook, PRICE_LISTS)
    book = ListBook() if stored is None else stored.value
    lacking = next((row.list_id for row in command.prices if not book.has(row.list_id)), None)
    if lacking is not None and ports.storage.answered(operation(ports, command, "prices")) is None:
        return _unknown(lacking)
    wanted: dict[str, Change] = {}
    for row in command.prices:
        wanted[row.sku] = _then(wanted.get(row.sku, _as_it_is), row)
    return _changed(ports, command, wanted, at=at)


@takes(RemovePrices)
def remove_prices(ports: Ports, command: RemovePrices, *, at: datetime) -> int | Refusal:
    """Let a list say nothing of these skus any more; how many skus those are."""
    return _changed(ports, command, {sku: lambda prices: prices.without(command.list_id) for sku in command.skus}, at=at)


def _then(first: Change, row: ListedPrice) -> Change:
    return lambda prices: first(prices).plus(row)


def _as_it_is(prices: SkuPrices) -> SkuPrices:
    return prices


def _changed(ports: Ports, command: CatalogCommand, wanted: Mapping[str, Change], *, at: datetime) -> int | Refusal:
    op = operation(ports, command, "prices")

    def attempt() -> int | Refusal:
        found = ports.storage.load_each({SkuPrices: tuple(wanted), Product: tuple(wanted)})
        kept, products = found.of(SkuPrices), found.of(Product)
        puts: list[Put] = []
        records: list[Record] = []
        rows = {}
        for sku, change in wanted.items():
            stored = kept.get(sku)
            before, version = (SkuPrices(sku), 0) if stored is None else (stored.value, stored.version)
            after = change(before)
            if after == before:
                continue
            rows[sku] = after.rows
            product = products.get(sku)
            event = PricesPut(sku=sku, group_id="" if product is None else product.value.group_id, by=told(command.by), at=at)
            puts.append(Put(sku, after, version))
            records.append(Record(CATALOG, f"prices/{sku}/{version + 1}", 1, event))
        if ports.catalog.lists is not None:
            own = {sku: product.value for sku, product in products.items()}
            puts += past_puts(ports.storage, {sku: (own.get(sku), rows[sku]) for sku in rows}, at=at)
        result = ports.storage.commit(Changeset(op, at, puts=tuple(puts), records=tuple(records)))
        return result if isinstance(result, Refusal) else len(wanted)

    return tried(ports.storage, attempt)


def _unknown(list_id: str) -> Refusal:
    return Refusal("price_list_unknown", f"there is no price list {list_id!r}; put it first", {"list": list_id})
