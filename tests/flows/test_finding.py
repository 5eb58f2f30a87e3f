"""Orders found at a shop's desk, and written out: who finds what, how far one look goes, and rows that no spreadsheet runs."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import Order, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite.finding import find_of
from shopwright.adapters.sqlite.statements import DocumentStatements
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.adapters.tables import table_of
from shopwright.flows.finding import looking as finding
from shopwright.flows.finding.looking import query_of
from shopwright.orders.finding import OrderFilter
from shopwright.orders.standing import Standing
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.testing.builders import an_order
from shopwright.wire.kinds import KINDS, ORDER
from shopwright.wire.order_rows import COLUMNS, RowForm
from tests.flows.mall import ANN, START, Mall


def keep(mall: Mall, *orders: Order) -> None:
    """Put orders into the storage, as they are."""
    for start in range(0, len(orders), 500):
        puts = tuple(Put(order.id, order) for order in orders[start : start + 500])
        mall.storage.commit(Changeset(Operation(f"keep{orders[0].id}{start}", "keep"), START, puts=puts))


def one(number: int, **facts: object) -> Order:
    """An order placed so many minutes after the first."""
    told = {"id": f"o{number:05}", "number": f"N{number:05}", "placed_at": START + timedelta(minutes=number), **facts}
    return evolve(an_order(), **told)


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def test_a_customer_finds_their_own_orders_alone(mall: Mall) -> None:
    """FIND-6"""
    mine, theirs = one(1, buyer_id="ann"), one(2, buyer_id="bob")
    keep(mall, mine, theirs)

    assert mall.shop.orders.search(OrderFilter(), by=ANN).orders == (mine,)
    assert mall.shop.orders.search(OrderFilter(buyer_id="bob"), by=ANN).orders == ()
    assert mall.shop.orders.search(OrderFilter(number=mine.number), by=customer("bob")).orders == ()
    assert mall.shop.orders.search(OrderFilter()).orders == (theirs, mine)


def test_a_page_looks_at_a_bounded_number_of_orders_and_goes_on_behind_them(mall: Mall) -> None:
    """FIND-5"""
    oldest = one(0, channel="fair")
    keep(mall, oldest, *[one(number) for number in range(1, finding.MOST_LOOKED + 1)])

    first = mall.shop.orders.search(OrderFilter(channel="fair"))
    assert (first.orders, first.looked, bool(first.next)) == ((), finding.MOST_LOOKED, True)
    second = mall.shop.orders.search(OrderFilter(channel="fair"), after=first.next)
    assert (second.orders, second.looked, second.next) == ((oldest,), 1, "")


def test_orders_placed_between_two_pages_shift_nothing(mall: Mall) -> None:
    """FIND-4"""
    orders = [one(number) for number in range(4)]
    keep(mall, *orders)
    first = mall.shop.orders.search(OrderFilter(), limit=2)
    keep(mall, one(9))
    second = mall.shop.orders.search(OrderFilter(), limit=2, after=first.next)

    assert (*first.orders, *second.orders) == tuple(reversed(orders))
    assert second.next == ""


@pytest.fixture(scope="module")
def a_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a shop."""
    path = tmp_path_factory.mktemp("plans") / "shop.db"
    SqliteStorage.open(path, kinds=KINDS, upgrade=True).close()
    return path


EVERY_FORM = (
    OrderFilter(),
    OrderFilter(number="N1"),
    OrderFilter(external_id="x1"),
    OrderFilter(buyer_id="ann", sku="TEA"),
    OrderFilter(states=frozenset({OrderState.COMPLETED})),
    OrderFilter(standings=frozenset({Standing.ON_HOLD, Standing.IN_REVIEW})),
    OrderFilter(standings=frozenset({Standing.COMPLETED})),
    OrderFilter(words="tea", placed_from=START, placed_before=START + timedelta(days=1)),
)


@pytest.mark.parametrize("wanted", EVERY_FORM, ids=range(len(EVERY_FORM)))
def test_every_form_of_a_search_uses_an_index_and_scans_no_table(a_file: Path, wanted: OrderFilter) -> None:
    find = find_of(query_of(wanted), KINDS, DocumentStatements(table_of(ORDER)), "")
    with closing(sqlite3.connect(a_file)) as connection:
        first, *more = [detail for *_, detail in connection.execute(f"explain query plan {find.sql}", find.values)]

    assert first.startswith("SEARCH")
    assert "USING INDEX order_by_" in first
    assert set(more) <= {"USE TEMP B-TREE FOR ORDER BY"}
    assert not more or wanted.number or wanted.external_id or wanted.buyer_id or wanted.standings  # sorted is what a named value found


def test_a_spreadsheet_runs_no_cell(mall: Mall) -> None:
    """EXPORT-2"""
    keep(mall, one(1, channel="=cmd|' /C calc'!A0", external_id="  @SUM(1)", coupon_code='a,"b'))
    (row,) = csv.DictReader(mall.shop.orders.export(OrderFilter()))

    assert (row["channel"], row["external_id"], row["coupon"]) == ("'=cmd|' /C calc'!A0", "'  @SUM(1)", 'a,"b')
    (plain,) = map(json.loads, mall.shop.orders.export(OrderFilter(), form=RowForm.JSON_LINES))
    assert plain["channel"] == "=cmd|' /C calc'!A0"


def test_amounts_in_a_file_are_exact(mall: Mall) -> None:
    """EXPORT-1, EXPORT-3"""
    order = one(1)
    keep(mall, order, one(2, currency="JPY"))
    yen, euro = csv.DictReader(mall.shop.orders.export(OrderFilter()))

    assert (euro["total"], yen["total"]) == (str(order.total.decimal), str(order.total.minor))
    assert tuple(euro) == COLUMNS
    assert order.ship_to.name not in "".join(mall.shop.orders.export(OrderFilter()))


def test_a_file_is_written_as_it_is_read(mall: Mall) -> None:
    keep(mall, *[one(number) for number in range(450)])
    lines = mall.shop.orders.export(OrderFilter())

    assert next(lines).startswith("number,id,")
    assert next(lines).startswith("N00449,")
    keep(mall, one(1000))
    assert [line.split(",")[0] for line in lines] == [f"N{number:05}" for number in reversed(range(449))]
