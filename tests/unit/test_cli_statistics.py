"""`shopwright statistics`, as somebody at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright import CancelOrder, accepted
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.cli import main
from shopwright.wire.kinds import KINDS
from tests.flows.counted import steps, visit
from tests.flows.mall import ANN, Mall, an_order, paid, placed
from tests.surroundings import peer

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A shop with two orders, one of them canceled, and four visits."""
    path = tmp_path / "mall.sqlite"
    storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
    mall = Mall(storage)
    order = paid(mall.shop)
    placed(mall.shop, an_order(key="other"))
    accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=ANN, order_id=order.id)))
    visit(mall, *steps(0, 60, 120), *steps(1, visitor="bob"))
    storage.close()
    return f"sqlite:///{path}"


def counted(url: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["statistics", "follow", url]) == 0
    return capsys.readouterr().out


def test_what_happened_is_counted_once_and_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(url, capsys) != "counted 0 records\n"
    assert counted(url, capsys) == "counted 0 records\n"
    assert main(["statistics", "report", url, *MARCH, "--by", "month,seller"]) == 0
    head, house, total = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert (head[:4], house[:5], total[:4]) == (
        ["month", "seller", "placed", "canceled"],
        ["2026-03", "house", "2", "1", "6"],
        ["total", "2", "1", "6"],
    )
    assert total[-3:] == ["4", "50.00", "%"]


def test_another_edition_and_another_tenant_are_counted_apart(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    counted(url, capsys)
    for more in (("--edition", "2"), ("--zone", "Europe/Berlin"), ("--scope", "north")):
        assert main(["statistics", "report", url, *MARCH, *more]) == 0
        assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["total", "0", "0"]


def test_all_that_was_counted_is_there_as_csv(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    counted(url, capsys)
    assert main(["statistics", "report", url, *MARCH, "--csv"]) == 0
    head, day, total = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    assert (day[:4], total[:4]) == (["2026-03-02", "EUR", "2", "1"], ["total", "EUR", "2", "1"])
    assert dict(zip(head, total, strict=True))["conversion_rate"] == "0.500000"


def test_the_picture_is_the_same_each_time(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peer("matplotlib")
    counted(url, capsys)
    out = tmp_path / "march.svg"
    drawn = []
    for _ in range(2):
        assert main(["statistics", "report", url, *MARCH, "--picture", str(out)]) == 0
        drawn.append(out.read_bytes())
    assert drawn[0] == drawn[1]
    assert b"net sales in EUR" in drawn[0]
    assert main(["statistics", "report", url, *MARCH, "--picture", str(tmp_path / "none" / "march.svg")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_report_by_other_things_than_time_is_not_drawn(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", "report", url, *MARCH, "--by", "seller", "--picture", "x.svg"]) == 1
    assert "drawn by one of day, week, month alone, got seller" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "told"), [(("--by", "moon"), "expected some of day"), (("--by", "day,week"), "each once"), (("--to", "soon"), "a day such as")]
)
def test_what_makes_no_sense_is_told(url: str, wrong: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["statistics", "report", url, *MARCH, *wrong])
    assert (ended.value.code, told in capsys.readouterr().err) == (2, True)


def test_days_the_wrong_way_round_are_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["statistics", "report", url, "--from", "2026-03-31", "--to", "2026-03-01"]) == 1
    assert "swap the two" in capsys.readouterr().err
