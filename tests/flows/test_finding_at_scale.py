"""A hundred thousand orders and the index of their terms, in a file and in PostgreSQL: found is what a look at each finds, by an index alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from shopwright import Order, Shop
from shopwright.adapters.sqlite.finding import find_of as find_in_file
from shopwright.adapters.sqlite.statements import DocumentStatements
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.adapters.tables import table_of
from shopwright.flows.finding.following import INDEX, spot, terms_kept
from shopwright.orders.finding import OrderFilter, meets
from shopwright.orders.tags import tag_of
from shopwright.ports.storage import START, Changeset, Operation, Put, Query, Storage
from shopwright.wire.finding_kinds import OrderIndex, OrderTerm, OrderWord, suffixes, word_id
from shopwright.wire.kinds import KINDS
from tests.conftest import empty_database
from tests.flows.found import one, recorded
from tests.flows.mall import START as BEGIN
from tests.surroundings import peer

pytestmark = pytest.mark.full

MANY, FOLLOWED = 100_000, 1_000
"""How many orders there are, and how many of them, the newest, the index follows by their events, as a worker would."""

GOODS = 2_003

RARE = {
    "sku": OrderFilter(sku="SKU1077"),
    "part of a word": OrderFilter(words="ku107"),
    "words": OrderFilter(words="sku1077 tea", currency="EUR", least=1),
    "number as a word": OrderFilter(words="n054321"),
    "buyer as a word": OrderFilter(words="b77"),
    "channel": OrderFilter(channel="fair"),
    "tag": OrderFilter(tag="vip"),
    "times within what is common": OrderFilter(channel="web", placed_from=BEGIN, placed_before=BEGIN + timedelta(minutes=70)),
    "rare within what is common": OrderFilter(channel="web", sku="SKU77"),
    "part of a word before a time": OrderFilter(words="ku199", placed_before=BEGIN + timedelta(days=2)),
    "what nobody has": OrderFilter(sku="SKU99999"),
}
COMMON = OrderFilter(channel="web", currency="EUR", least=1)

Plan = Callable[[Query[Any]], list[str]]


@frozen
class Overheard:
    """A storage and the queries that were asked of it."""

    storage: Any
    queries: list[Query[Any]]

    def find(self, query: Query[Any]) -> Any:
        """What the storage finds."""
        self.queries.append(query)
        return self.storage.find(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)


@frozen
class Full:
    """A storage that holds them all, what each filter must find, newest first, and how the storage goes about a query."""

    storage: Storage
    found: dict[str, list[str]]
    plan: Plan


def orders() -> Iterator[Order]:
    """The orders, oldest first."""
    base = one(0)
    (line, *_) = base.lines
    for number in range(MANY):
        yield evolve(
            base,
            id=f"o{number:06}",
            number=f"N{number:06}",
            placed_at=BEGIN + timedelta(minutes=number),
            buyer_id=f"b{number % 9_000}",
            channel="fair" if number % 20_011 == 7 else "web",
            tags=(tag_of("vip"),) if number % 4_999 == 3 else (),
            lines=(evolve(line, sku=f"SKU{number % GOODS}", title="Oolong tea" if number % 3 else "Sencha tea"),),
        )


def filled(storage: Storage) -> dict[str, list[str]]:
    """Put the orders there, most of them with what an index that has followed keeps of them; which of them meet each filter, newest first."""
    found: dict[str, list[str]] = {name: [] for name in (*RARE, "common")}
    batch: list[Order] = []
    for order in orders():
        for name, wanted in (*RARE.items(), ("common", COMMON)):
            if meets(order, wanted):
                found[name].append(order.id)
        batch.append(order)
        if len(batch) == FOLLOWED and order.id != f"o{MANY - 1:06}":
            kept = [terms_kept(_NOBODY, it, 0) for it in batch]  # type: ignore[arg-type]
            spots = [spot(term, it) for it in kept for term in it.terms]
            puts = (*[Put(it.id, it) for it in batch], *[Put(it.order_id, it) for it in kept], *[Put(it, OrderTerm(it)) for it in spots])
            storage.commit(Changeset(Operation(f"bulk/{order.id}", "fill"), order.placed_at, puts=puts))
            batch = []
    _put_words(storage)
    storage.commit(Changeset(Operation("index", "fill"), BEGIN, puts=(Put(INDEX, OrderIndex(START, BEGIN)),)))
    recorded(storage, *batch)
    while Shop(storage).orders.follow(limit=200):
        pass
    return {name: ids[::-1] for name, ids in found.items()}


def _put_words(storage: Storage) -> None:
    """The parts of the words of all goods."""
    for start in range(0, GOODS, FOLLOWED):
        words = ["oolong", "sencha", "tea"] if not start else []
        words += [f"sku{number}" for number in range(start, min(start + FOLLOWED, GOODS))]
        puts = tuple([Put(word_id(part, word), OrderWord(part, word)) for word in words for part in suffixes(word)])
        storage.commit(Changeset(Operation(f"words/{start}", "fill"), BEGIN, puts=puts))


@frozen
class _Nobody:
    """What the index asks of a shop without a vault, for orders without a phone."""

    vault: None = None


_NOBODY = _Nobody()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    if request.param == "sqlite":
        yield from _in_a_file(tmp_path_factory.mktemp("many") / "shop.sqlite")
    else:
        with empty_database(request.getfixturevalue("postgres_server")) as conninfo:
            yield from _in_postgres(conninfo)


def _in_a_file(path: Path) -> Iterator[Full]:
    sqlite3 = peer("sqlite3")
    with closing(SqliteStorage.open(path, kinds=KINDS, upgrade=True, durability="normal")) as storage:
        found = filled(storage)
        with closing(sqlite3.connect(path)) as connection:

            def plan(query: Query[Any]) -> list[str]:
                find = find_in_file(query, KINDS, DocumentStatements(table_of(KINDS.document(query.kind))), "")
                return [detail for *_, detail in connection.execute(f"explain query plan {find.sql}", find.values)]

            yield Full(storage, found, plan)


def _in_postgres(conninfo: str) -> Iterator[Full]:
    from shopwright.adapters.postgres.finding import find_of
    from shopwright.adapters.postgres.storage import PostgresStorage

    with closing(PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True)) as storage:
        found = filled(storage)
        with closing(peer("psycopg").connect(conninfo, autocommit=True)) as connection:
            connection.execute("analyze")

            def plan(query: Query[Any]) -> list[str]:
                find = find_of(query, KINDS, storage._engine, "")
                return [line for (line,) in connection.execute(f"explain {find.sql}", find.values)]

            yield Full(storage, found, plan)


@pytest.mark.parametrize("name", RARE)
def test_among_a_hundred_thousand_orders_is_found_what_a_look_at_each_finds_and_no_other_is_looked_at(full: Full, name: str) -> None:
    """FIND-8, FIND-10"""
    shop = Shop(full.storage)
    pages = [shop.orders.search(RARE[name], limit=20)]
    while pages[-1].next:
        pages.append(shop.orders.search(RARE[name], limit=20, after=pages[-1].next))

    found, looked = [order.id for page in pages for order in page.orders], sum(page.looked for page in pages)
    assert (found, looked) == (full.found[name], len(full.found[name]))


def test_what_most_of_a_hundred_thousand_orders_have_is_gone_through_page_by_page(full: Full) -> None:
    """FIND-4, FIND-10"""
    shop, found, after = Shop(full.storage), list[str](), ""
    for _ in range(10):
        page = shop.orders.search(COMMON, limit=50, after=after)
        found, after = [*found, *[order.id for order in page.orders]], page.next

    assert found == full.found["common"][:500]
    assert len(full.found["common"]) > MANY - 10


@pytest.mark.parametrize("name", [*RARE, "common"])
def test_every_query_of_a_search_is_answered_by_an_index(full: Full, name: str) -> None:
    """FIND-10"""
    heard = Overheard(full.storage, [])
    first = Shop(heard).orders.search(RARE.get(name, COMMON), limit=1)  # type: ignore[arg-type]
    if first.next:
        Shop(heard).orders.search(RARE.get(name, COMMON), limit=1, after=first.next)  # type: ignore[arg-type]

    kinds = {OrderTerm: "order_term_by_spot", OrderWord: "order_word_by_suffix", Order: "order_by_placed_at"}
    assert OrderTerm in {query.kind for query in heard.queries}
    for query in heard.queries:
        plan = "\n".join(full.plan(query))
        assert kinds[query.kind] in plan, plan
        assert not any(word in plan for word in ("SCAN", "Seq Scan", "TEMP B-TREE", "Sort")), plan
