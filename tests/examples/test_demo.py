"""The demo: a mall that lives the same life in every run and on every storage, whose books agree with everybody else's."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from collections import defaultdict

import pytest

import stores
from marketplace import replaying
from marketplace import report as replay_report
from marketplace.oddities import ORDER_RULES, PAYMENT_RULES, REASONS
from marketplace.source import BadFile, read
from marketplace.timeline import Replayed
from progress import Progress
from shopwright import Order, standing
from shopwright.adapters.memory import MemoryStorage
from shopwright.orders import fold
from shopwright.orders.order import Order as OrderValue
from shopwright.ports.storage import START
from shopwright.wire.kinds import EVENTS, KINDS
from small_mall import days, report
from small_mall.stories import STORIES
from small_mall.world import World
from tests.flows import marketplace_files as files
from tests.surroundings import ROOT

MAIN = ROOT / "examples" / "demo" / "main.py"


def lived(storage) -> World:
    """A mall after all its days."""
    world = World(storage)
    days.live(world, lambda hours, note: None)
    return world


@pytest.fixture(scope="module")
def mall() -> World:
    return lived(MemoryStorage(KINDS))


def orders_of(world: World) -> list[OrderValue]:
    return list(replay_report.everything(world.shop.ports.storage, Order))


def test_the_mall_lives_the_same_life_on_sqlite_as_in_memory(mall, tmp_path):
    with stores.opened("sqlite", tmp_path / "mall.sqlite", name="") as store:
        assert list(report.told(lived(store.storage), days.ORDERS)) == list(report.told(mall, days.ORDERS))


def test_every_unit_of_stock_is_accounted_for(mall):
    [line] = [line for line in report.told(mall, days.ORDERS) if line.startswith("stock: ")]
    assert line.startswith("stock: 20 of 20 skus add up")


def test_the_provider_took_and_gave_back_what_the_shop_says(mall):
    payments = [payment for order in orders_of(mall) for payment in order.payments if payment.tender.gateway]
    for ours, theirs in (("captured", mall.provider.charges()), ("refunded", mall.provider.refunds())):
        told: dict[str, int] = defaultdict(int)
        for movement in theirs:
            told[movement.reference] += movement.amount.minor
        assert {payment.reference: getattr(payment, ours) for payment in payments if getattr(payment, ours)} == dict(told)


def test_the_events_of_every_order_tell_its_document(mall):
    histories = defaultdict(list)
    after = START
    while page := mall.shop.ports.storage.read(EVENTS, after=after, limit=1_000):
        for event in page:
            histories[event.key].append(event.value)
        after = page[-1].position
    assert {id: fold(events) for id, events in histories.items()} == {order.id: order for order in orders_of(mall)}


def test_every_kind_of_end_and_of_trouble_is_there(mall):
    told = "\n".join(report.told(mall, days.ORDERS))
    standings = {standing(order).value for order in orders_of(mall)}
    assert standings >= {"canceled", "completed", "delivered", "in_transit", "preparing", "ready_to_ship", "on_hold", "returned", "lost"}
    assert set(mall.refusals) == {"coupon_exhausted", "coupon_minimum", "order_held", "refund_above_paid", "stock_exhausted"}
    assert {"arrived_damaged", "nobody_opened", "parcel_lost"} <= {note.code for order in orders_of(mall) for note in order.exceptions}
    assert "why it cost that much" in told
    assert "OrderPlaced" in told


def test_the_stories_are_told_by_how_many_of_a_hundred_live_them():
    assert sum(share for _, share in STORIES) == 100


def run(*args: str, cwd) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(MAIN), *args], cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def sold(**more) -> dict:
    return {
        "items": (("pen", "stationer", "20.00", "10.00"),),
        "payments": (("credit_card", "30.00"),),
        "order_status": "shipped",
        "order_approved_at": "2018-03-02 10:00:00",
        "order_delivered_carrier_date": "2018-03-01 10:00:00",
        **more,
    }


def test_a_replay_tells_each_odd_fact_with_its_line_and_reason(tmp_path):
    folder = files.made_up(tmp_path / "data", sold(), sold(order_status="canceled", payments=(("voucher", "0.00"), ("boleto", "30.00"))))
    done = run("--data", str(folder), "--place", str(tmp_path / "mall.sqlite"), "--report", str(tmp_path / "odd.csv"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 orders of the marketplace: 2 placed" in done.stdout
    assert str(tmp_path / "mall.sqlite") in done.stdout
    with (tmp_path / "odd.csv").open(encoding="utf-8", newline="") as text:
        lines = [(row["file"], row["line"], row["order"], row["code"]) for row in csv.DictReader(text)]
    assert lines == [
        ("olist_order_payments_dataset.csv.gz", "3", "order-2", "payment_zero"),
        ("olist_orders_dataset.csv.gz", "2", "order-1", "carrier_before_approval"),
        ("olist_orders_dataset.csv.gz", "3", "order-2", "canceled_after_shipping"),
        ("olist_orders_dataset.csv.gz", "3", "order-2", "canceled_without_date"),
        ("olist_orders_dataset.csv.gz", "3", "order-2", "canceled_without_refund"),
        ("olist_orders_dataset.csv.gz", "3", "order-2", "carrier_before_approval"),
    ]


def test_what_was_refused_is_in_the_report_too(tmp_path):
    folder = files.made_up(tmp_path / "data", sold(payments=(("boleto", "1.00"),)))
    storage = MemoryStorage(KINDS)
    market = read(folder)
    done = replaying.in_one_go(storage, market)
    assert replay_report.write(tmp_path / "odd.csv", market, done) == 3
    assert ",refused," in (tmp_path / "odd.csv").read_text(encoding="utf-8")
    assert "commands that the shop refused: 1" in list(replay_report.told(replay_report.tally(storage), market, done))


def test_an_empty_marketplace_is_replayed_in_no_time(tmp_path):
    market = read(files.write(tmp_path / "data", {}))
    assert replaying.in_one_go(MemoryStorage(KINDS), market) == Replayed(placed=0, loose=0, completed=0, commands=0, refused=())


def test_every_code_has_its_reason_and_its_line_in_the_manual():
    page = (ROOT / "docs" / "explanation" / "replaying-real-orders.md").read_text(encoding="utf-8")
    codes = [rule.code for rule in ORDER_RULES] + [code for code, _, _ in PAYMENT_RULES]
    assert set(REASONS) == {*codes, "time_ambiguous"}
    assert [code for code in REASONS if f"`{code}`" not in page] == []


def broken(folder, table: str, **changes: str):
    """A folder of one sale with something wrong in the first row of one table."""
    files.made_up(folder, sold())
    path = folder / files.TABLES[table]
    found = files.rows(folder, table)
    found[0] |= changes
    with gzip.open(path, "wt", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, files.HEADERS[table].split(","))
        writer.writeheader()
        writer.writerows(found)
    return folder


@pytest.mark.parametrize(
    ("table", "changes", "told"),
    [
        ("orders", {"customer_id": "nobody"}, "olist_orders_dataset.csv.gz, line 2: nothing is known of 'nobody'"),
        ("orders", {"order_status": "lost"}, "olist_orders_dataset.csv.gz, line 2: expected a state among created, "),
        ("orders", {"order_purchase_timestamp": "yesterday"}, "olist_orders_dataset.csv.gz, line 2: expected a date and a time"),
        ("items", {"price": "12.345"}, "olist_order_items_dataset.csv.gz, line 2: expected an amount of at most 2 decimals"),
        ("items", {"product_id": "ghost"}, "olist_order_items_dataset.csv.gz, line 2: nothing is known of 'ghost'"),
        ("items", {"order_id": "ghost"}, "olist_order_items_dataset.csv.gz has rows of 1 orders that"),
        ("payments", {"payment_installments": "many"}, "olist_order_payments_dataset.csv.gz, line 2: invalid literal for int"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_reading_with_its_line(tmp_path, table, changes, told):
    with pytest.raises(BadFile) as error:
        read(broken(tmp_path / "data", table, **changes))
    assert str(error.value).startswith(told)


def test_a_folder_without_the_files_is_told_in_one_line(tmp_path):
    done = run("--data", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("demo: product_category_name_translation.csv.gz is not in ")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_no_gzip_is_told_with_its_name(tmp_path):
    folder = files.made_up(tmp_path / "data", sold())
    (folder / files.TABLES["orders"]).write_text("order_id\n")
    with pytest.raises(BadFile, match=r"^olist_orders_dataset.csv.gz, line 1: "):
        read(folder)


def test_a_small_mall_does_not_open_where_something_is_already(tmp_path):
    (tmp_path / "mall.sqlite").write_text("")
    done = run("--place", str(tmp_path / "mall.sqlite"), cwd=tmp_path)
    assert done.returncode == 2
    assert "there is something at" in done.stderr


class Terminal(io.StringIO):
    """A text stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_plain_lines_in_a_log():
    for to, whole in ((Terminal(), "\rwork: 100 %, 2 of 2"), (io.StringIO(), "work: 100 %, 2 of 2")):
        progress = Progress("work", 2, to=to)
        progress.end(2)
        assert to.getvalue().startswith(whole)
        assert to.getvalue().endswith("\n")
        assert to.getvalue().count("\n") == 1
