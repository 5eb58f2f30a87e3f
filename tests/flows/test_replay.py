"""The replay of real orders: what a shop has stored afterwards is what the files say, counted apart from any code of ours."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import contextmanager
from decimal import Decimal

import pytest
from attrs import evolve

import stores
from marketplace import replaying, report
from marketplace.source import read
from shopwright import Order, Standing, standing
from shopwright.adapters.memory import MemoryStorage
from shopwright.orders import fold
from shopwright.ports.storage import START
from shopwright.wire.kinds import EVENTS, KINDS, LooseMoney
from tests.flows import marketplace_files as files
from tests.surroundings import peer, real_data

CARD = ("credit_card", "30.00")
PEN = ("pen", "stationer", "20.00", "10.00")
INK = ("ink", "chemist", "20.00", "10.00")


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A folder with real orders of every odd kind, and of every state and shape."""
    return files.sample(real_data("olist-sample-8135"), tmp_path_factory.mktemp("sample"), of_each=26)


def money(cents: int) -> Decimal:
    """Cents as whole currency units."""
    return Decimal(cents).scaleb(-2)


def said(found: report.Tally) -> files.Expected:
    """What is stored, in the words of the independent count."""
    return files.Expected(
        states=found.states,
        items=money(found.sums["items"]),
        freight=money(found.sums["freight"]),
        paid={method: money(cents) for method, cents in found.paid.items()},
        loose={method: money(cents) for method, cents in found.loose.items()},
        codes=found.codes,
    )


def counted(folder) -> files.Expected:
    """What the files say, without the lists of ids."""
    return evolve(files.expected(folder), orders_by_code={})


def check_histories(storage) -> None:
    """The events of each order, folded, are its stored document, and there are no others."""
    histories: dict[str, list] = defaultdict(list)
    after = START
    while page := storage.read(EVENTS, after=after, limit=1_000):
        for event in page:
            histories[event.key].append(event)
        after = page[-1].position
    stored = {order.id: order for order in report.everything(storage, Order)}
    assert histories.keys() == stored.keys()
    for id, events in histories.items():
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert fold(event.value for event in events) == stored[id]


def check_views(ask, folder) -> None:
    """The views that people look into agree with the files as well."""
    wanted = counted(folder)
    assert dict(ask("select state, count(*) from {}orders group by state")) == wanted.states
    items, freight = ask("select sum(subtotal), sum(shipping) from {}order_lines")[0]
    assert (money(int(items)), money(int(freight))) == (wanted.items, wanted.freight)
    methods = ask("select method, sum(captured) from {}payments group by method")
    assert {method: money(int(cents)) for method, cents in methods} == wanted.paid


@contextmanager
def asking_sqlite(file):
    """How to ask the views of an SQLite file."""
    with sqlite3.connect(file) as connection:
        yield lambda text: connection.execute(text.format("")).fetchall()
    connection.close()


@contextmanager
def asking_postgres(conninfo):
    """How to ask the views of a PostgreSQL database."""
    with peer("psycopg").connect(conninfo) as connection:
        yield lambda text: connection.execute(text.format("shopwright.")).fetchall()


def replay_on_sqlite(folder, file) -> None:
    """Replay, and hold everything that is stored to the files."""
    with stores.opened("sqlite", file, name="") as store:
        done = replaying.in_batches(store, read(folder))
        assert done.refused == ()
        assert said(report.tally(store.storage)) == counted(folder)
        check_histories(store.storage)
    with asking_sqlite(file) as ask:
        check_views(ask, folder)


def replay_on_postgres(folder, conninfo) -> None:
    """The same on PostgreSQL."""
    with stores.on_server(conninfo, "a test") as store:
        done = replaying.in_batches(store, read(folder))
        assert done.refused == ()
        assert said(report.tally(store.storage)) == counted(folder)
        check_histories(store.storage)
    with asking_postgres(conninfo) as ask:
        check_views(ask, folder)


def test_the_sample_has_every_odd_fact_and_shape_of_the_whole(sampled):
    whole = files.expected(real_data("olist-sample-8135"))
    assert set(files.expected(sampled).codes) == set(whole.codes)
    assert 300 <= len(files.rows(sampled, "orders")) <= 700


def test_a_replay_in_memory_stores_what_the_files_say(sampled):
    storage = MemoryStorage(KINDS)
    done = replaying.in_one_go(storage, read(sampled))
    assert done.refused == ()
    assert said(report.tally(storage)) == counted(sampled)
    check_histories(storage)


def test_a_replay_on_sqlite_stores_what_the_files_say(sampled, tmp_path):
    replay_on_sqlite(sampled, tmp_path / "mall.sqlite")


def test_a_replay_on_postgres_stores_what_the_files_say(sampled, postgres_database):
    replay_on_postgres(sampled, postgres_database)


@pytest.mark.full
def test_all_real_orders_on_sqlite(tmp_path):
    replay_on_sqlite(real_data("olist-sample-8135"), tmp_path / "mall.sqlite")


@pytest.mark.full
def test_all_real_orders_on_postgres(postgres_database):
    replay_on_postgres(real_data("olist-sample-8135"), postgres_database)


def test_a_replay_that_was_cut_short_goes_on(sampled, tmp_path):
    market = read(sampled)

    def cut(done: int) -> None:
        if done == 700:
            raise KeyboardInterrupt

    with stores.opened("sqlite", tmp_path / "mall.sqlite", name="") as store:
        with pytest.raises(KeyboardInterrupt):
            replaying.in_batches(store, market, cut)
        assert 0 < report.tally(store.storage).states.total() < counted(sampled).states.total()
        replaying.in_batches(store, market)
        assert said(report.tally(store.storage)) == counted(sampled)
        check_histories(store.storage)


def replayed(tmp_path, *sales: dict) -> tuple[MemoryStorage, list[Order]]:
    """A storage after a replay of these sales, and its orders by external id."""
    storage = MemoryStorage(KINDS)
    folder = files.made_up(tmp_path / "made-up", *sales)
    replaying.in_one_go(storage, read(folder))
    assert said(report.tally(storage)) == counted(folder)
    return storage, sorted(report.everything(storage, Order), key=lambda order: order.external_id)


def sale(status: str, *, approved="", left="", arrived="", items=(PEN,), payments=(CARD,), **more) -> dict:
    """One order of the marketplace, placed at ten in the morning of 1 March 2018 and promised for the 20th."""
    return {
        "items": items,
        "payments": payments,
        "order_status": status,
        "order_approved_at": approved,
        "order_delivered_carrier_date": left,
        "order_delivered_customer_date": arrived,
        **more,
    }


NOON, NEXT, LATER = "2018-03-01 12:00:00", "2018-03-02 09:00:00", "2018-03-20 23:59:59"


def test_an_order_that_is_created_and_never_approved_stays_placed_and_due(tmp_path):
    _, [order] = replayed(tmp_path, sale("created"))
    assert (order.state.value, order.paid, standing(order)) == ("placed", 0, Standing.AWAITING_PAYMENT)


def test_an_order_that_was_shipped_and_never_approved_was_paid_when_it_was_placed(tmp_path):
    _, [order] = replayed(tmp_path, sale("shipped", left=NEXT))
    assert (order.paid, order.confirmed_at, standing(order)) == (3000, order.placed_at, Standing.IN_TRANSIT)


def test_goods_that_left_before_the_approval_keep_both_dates(tmp_path):
    _, [order] = replayed(tmp_path, sale("shipped", approved=NEXT, left=NOON))
    assert order.shipments[0].dispatched_at < order.confirmed_at
    assert [note.code for note in order.exceptions] == ["carrier_before_approval"]


def test_what_arrives_on_the_last_second_of_the_promised_day_is_in_time(tmp_path):
    _, [order, late] = replayed(
        tmp_path,
        sale("delivered", approved=NOON, left=NEXT, arrived=LATER),
        sale("delivered", approved=NOON, left=NEXT, arrived="2018-03-21 00:00:00"),
    )
    assert order.exceptions == ()
    assert [(note.code, dict(note.facts)["days"]) for note in late.exceptions] == [("delivered_late", 1)]


def test_goods_that_arrived_without_a_date_are_not_said_to_have_arrived(tmp_path):
    _, [order] = replayed(tmp_path, sale("delivered", approved=NOON, left=NEXT))
    assert (order.state.value, order.delivered_at, standing(order)) == ("confirmed", None, Standing.IN_TRANSIT)


def test_a_delivery_without_a_date_of_leaving_left_when_it_arrived(tmp_path):
    _, [order] = replayed(tmp_path, sale("delivered", approved=NOON, arrived=NEXT))
    assert order.shipments[0].dispatched_at == order.delivered_at
    assert order.state.value == "completed"


def test_an_order_of_two_sellers_travels_in_two_parcels(tmp_path):
    _, [order] = replayed(tmp_path, sale("shipped", approved=NOON, left=NEXT, items=(PEN, INK, PEN), payments=(("boleto", "90.00"),)))
    assert [shipment.units for shipment in order.shipments] == [((1, 1), (3, 1)), ((2, 1),)]


def test_a_price_that_changed_is_put_on_sale_before_the_next_order(tmp_path):
    dearer = ("pen", "stationer", "25.00", "5.00")
    _, orders = replayed(tmp_path, sale("approved", approved=NOON), sale("approved", approved=NOON, items=(dearer,)))
    assert sorted((order.lines[0].unit_price, order.lines[0].product_version) for order in orders) == [(2000, 1), (2500, 2)]


def test_a_product_of_two_sellers_is_a_sku_with_each(tmp_path):
    other = ("pen", "smuggler", "20.00", "10.00")
    _, [order] = replayed(tmp_path, sale("approved", approved=NOON, items=(PEN, other), payments=(("boleto", "60.00"),)))
    assert [line.sku for line in order.lines] == ["pen/stationer", "pen/smuggler"]


def test_a_cancellation_after_shipping_leaves_the_goods_out_and_grants_nothing(tmp_path):
    _, [order] = replayed(tmp_path, sale("canceled", approved=NOON, left=NEXT))
    assert (order.state.value, order.refund_granted, standing(order)) == ("canceled", 0, Standing.CANCELED_GOODS_OUT)
    assert [note.code for note in order.exceptions] == ["canceled_without_date", "canceled_after_shipping", "canceled_without_refund"]


def test_payments_of_an_order_without_items_are_kept_with_all_that_is_known(tmp_path):
    storage, orders = replayed(tmp_path, sale("unavailable", approved=NOON, items=(), payments=(CARD, ("voucher", "0.00"))))
    assert orders == []
    card, voucher = sorted(report.everything(storage, LooseMoney), key=lambda kept: kept.id)
    assert (card.method, card.amount, card.reason, card.source) == ("credit_card", 3000, "no_items", "order-1")
    assert dict(card.facts)["odd"] == "no_items canceled_without_date unavailable_without_refund"
    assert (voucher.amount, dict(voucher.facts)["odd"], dict(voucher.facts)["state"]) == (0, "payment_zero", "unavailable")


def test_what_a_shop_refuses_is_told_and_not_forced(tmp_path):
    folder = files.made_up(tmp_path / "made-up", sale("delivered", approved=NOON, left=NEXT, arrived=LATER, payments=(("credit_card", "1.00"),)))
    storage = MemoryStorage(KINDS)
    done = replaying.in_one_go(storage, read(folder))
    [order] = report.everything(storage, Order)
    assert [(it.command, it.refusal.code) for it in done.refused] == [("ShipOrder", "illegal_transition")]
    assert (order.state.value, order.shipments) == ("placed", ())
    assert Counter(note.code for note in order.exceptions) == {"refused": 1, "paid_less": 1}
