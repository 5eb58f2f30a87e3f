"""`shopwright relay` as a process: it tells what there is, goes on while it runs, and stops cleanly when it is told to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shopwright import cli
from tests.surroundings import ROOT

MALL = """
from shopwright import Address, Cart, CartLine, Money, PlaceOrder, Product, PutProduct, ReceiveStock, Shop, Tender, Via, accepted, customer, staff
from shopwright.adapters.outlets import CallOutlet
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.subscriptions.commands import Subscribe
from shopwright.wire.kinds import KINDS

CLERK = staff("clerk-1")


def hear(notice):
    with open("heard.txt", "a") as heard:
        print(notice.key, notice.number, file=heard, flush=True)


def deaf(notice):
    raise OSError("nobody is there")


def open_shop(ear=hear):
    return Shop(SqliteStorage.open("mall.sqlite", kinds=KINDS, upgrade=True), outlets=[CallOutlet("ear", ear)])


def open_deaf():
    return open_shop(deaf)


def begin():
    shop = open_shop()
    accepted(shop.events.subscribe(Subscribe(key="begin", by=CLERK, name="all", outlet="ear")))
    accepted(shop.goods.put(PutProduct(key="put", by=CLERK, product=Product(sku="TEA", title="Tea", seller_id="h", prices=(Money(500, "EUR"),)))))
    accepted(shop.goods.receive(ReceiveStock(key="count", by=CLERK, sku="TEA", quantity=90)))
    shop.close()


def place(first, last):
    shop, ann = open_shop(), customer("ann")
    home, tender = Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"), Tender(method="cash", amount=500, via=Via.ON_DELIVERY)
    for number in range(first, last):
        cart = Cart("EUR", (CartLine("TEA", 1),))
        accepted(shop.orders.place(PlaceOrder(key=f"o{number}", by=ann, buyer_id="ann", cart=cart, ship_to=home, tenders=(tender,))))
    shop.close()


no_shop = 7
"""
ENV = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}"}


def python(place: Path, code: str) -> None:
    subprocess.run([sys.executable, "-c", code], cwd=place, env=ENV, check=True, timeout=120)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "shopwright.cli", "relay", *words]


def relay(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=place, env=ENV, capture_output=True, text=True, check=False, timeout=120)


def heard(place: Path) -> list[str]:
    file = place / "heard.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mall where three orders were placed and nobody was told."""
    place = tmp_path_factory.mktemp("begun")
    (place / "relayed_mall.py").write_text(MALL, encoding="utf-8")
    python(place, "import relayed_mall as mall; mall.begin(); mall.place(0, 3)")
    return place


@pytest.fixture
def mall(begun: Path, tmp_path: Path) -> Path:
    """One of its own for each test."""
    return Path(shutil.copytree(begun, tmp_path / "mall"))


def test_once_tells_what_there_is_each_thing_once_and_leaves(mall: Path) -> None:
    runs = [relay(mall, "relayed_mall:open_shop", "--once", "--holder", "timer") for _ in range(2)]
    told = heard(mall)
    assert [run.returncode for run in runs] == [0, 0]
    assert len(told) == len(set(told)) >= 3
    assert runs[0].stderr.splitlines()[-1] == f"relay: timer ends; {len(told)} told, 0 tries failed"
    assert runs[1].stderr.splitlines()[-1] == "relay: timer ends; 0 told, 0 tries failed"


def test_a_worker_goes_on_while_it_runs_and_stops_cleanly(mall: Path) -> None:
    words = command("relayed_mall:open_shop", "--holder", "worker", "--every", "0.05")
    with subprocess.Popen(words, cwd=mall, env=ENV, stderr=subprocess.PIPE, text=True) as worker:
        try:
            _wait(lambda: len({line.split()[0] for line in heard(mall)}) == 3)
            python(mall, "import relayed_mall; relayed_mall.place(3, 5)")
            _wait(lambda: len({line.split()[0] for line in heard(mall)}) == 5)
            worker.send_signal(signal.SIGTERM)
            _, errors = worker.communicate(timeout=60)
        finally:
            worker.kill()
    told = heard(mall)
    assert (worker.returncode, len(told)) == (0, len(set(told)))
    assert errors.splitlines()[-1] == f"relay: worker ends; {len(told)} told, 0 tries failed"


def test_what_could_not_be_told_is_told_by_the_status(mall: Path) -> None:
    run = relay(mall, "relayed_mall:open_deaf", "--once", "--subscription", "all")
    assert (run.returncode, heard(mall)) == (1, [])
    assert "3 tries failed" in run.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("mall",), "expected a Shop as MODULE:SHOP, such as mall.shop:SHOP, got 'mall'"),
        (("relayed_mall:nothing",), "cannot find relayed_mall:nothing"),
        (("nowhere:SHOP",), "cannot find nowhere:SHOP"),
        (("relayed_mall:no_shop",), "expected a Shop at relayed_mall:no_shop, or a function that opens one, got int"),
        (("relayed_mall:open_shop", "--subscription", "none"), "there is no subscription 'none'"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_done(
    mall: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(mall)
    monkeypatch.syspath_prepend(str(mall))
    monkeypatch.delitem(sys.modules, "relayed_mall", raising=False)
    assert cli.main(["relay", *words, "--once"]) == 1
    assert told in capsys.readouterr().err
    assert heard(mall) == []


@pytest.mark.parametrize("seconds", ["0", "-1", "3601", "nan", "soon"])
def test_a_rest_is_seconds_and_no_more_than_an_hour(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["relay", "mall:SHOP", f"--every={seconds}"])
    assert ended.value.code == 2
    assert f"expected seconds, more than 0 and 3600 at most, got {seconds!r}" in capsys.readouterr().err


def _wait(ready: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < patience, "waited for a minute"
        time.sleep(0.05)
