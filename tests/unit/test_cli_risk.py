"""`shopwright risk`, as somebody at a terminal meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.cli import main
from shopwright.payments.risk.rehearsing import Rehearsal
from shopwright.payments.risk.telling import table
from shopwright.payments.risk.velocities import Kind, Link
from shopwright.payments.risk.verdicts import Verdict
from shopwright.wire.kinds import KINDS
from tests.flows.risk.judged import a_risk, attempt, judging, more_than, of_kind
from tests.surroundings import peer

RISK = a_risk(more_than(2, velocity=of_kind(Kind.ATTEMPT, Link.BUYER), id="often"), more_than(0, Verdict.REVIEW, id="seen"))
NOT_RISK = "rules"
NAMED = f"{__name__}:RISK"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A shop with four paid orders, of which the last was charged back."""
    path = tmp_path / "mall.sqlite"
    storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
    mall = judging(storage=storage)
    for number in range(4):
        attempt(mall, number, token="tok_chargeback" if number == 3 else "tok_ok")
    mall.provider.advance()
    for raw in mall.provider.notifications():
        mall.shop.payments.receive("fake", raw)
    storage.close()
    return f"sqlite:///{path}"


def test_rules_are_tried_on_the_orders_of_a_database(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "would be               payments          fraud",
        "taken                         0   0.0 %      0",
        "refused                       2  50.0 %      1",
        "asked for a proof             0   0.0 %      0",
        "looked at by a person         2  50.0 %      0",
        "all                           4              1",
        "",
        "rule   fired           fraud          alone  could not tell",
        "seen       4  100.0 %      1  25.0 %      2               0",
        "often      2   50.0 %      1  50.0 %      2               0",
    ]


def test_the_numbers_are_there_for_other_programs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["payments"], told["verdicts"]["block"]) == (4, {"payments": 2, "fraud": 1})
    assert told["rules"][0] == {"rule": "often", "fired": 2, "fraud": 1, "alone": 2, "unknown": 0}


def test_orders_before_and_after_are_left_out(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01", "--until", "2026-02-01"]) == 0
    assert main(["risk", "rehearse", url, NAMED, "--since", "2027-01-01T00:00+01:00", "--until", "2027-02-01"]) == 0
    assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01", "--scope", "north"]) == 0
    assert capsys.readouterr().out == "no payments\n" * 3


def test_the_picture_is_the_same_each_time(url: str, tmp_path: Path) -> None:
    peer("matplotlib")
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for picture in pictures:
        assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01", "--picture", str(picture)]) == 0
    one, two = (picture.read_text(encoding="utf-8") for picture in pictures)
    assert one == two
    assert all(word in one for word in ("often", "seen", "Verdicts on 4 payments", "fraud"))
    assert main(["risk", "rehearse", url, NAMED, "--since", "2026-01-01", "--picture", str(tmp_path / "no" / "where.svg")]) == 1


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("RISK", "expected a Risk as MODULE:NAME"),
        ("no_such_module:RISK", "cannot find no_such_module:RISK"),
        (f"{__name__}:NO_RISK", "cannot find"),
        (f"{__name__}:NOT_RISK", "expected a Risk at"),
        (f"{__name__}:TWO", "say which with --currency"),
    ],
)
def test_rules_that_are_not_there_are_told(url: str, name: str, error: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["risk", "rehearse", url, name, "--since", "2026-01-01"]) == 1
    assert error in capsys.readouterr().err


TWO = type(RISK)(policies={"EUR": RISK.policy("EUR"), "USD": RISK.policy("EUR")}, keys=RISK.keys)


def test_a_time_that_is_none_makes_no_sense(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["risk", "rehearse", url, NAMED, "--since", "yesterday"])
    assert (ended.value.code, "expected a day such as" in capsys.readouterr().err) == (2, True)


def test_a_rehearsal_of_nothing_is_told_so() -> None:
    assert table(Rehearsal(payments=0, verdicts=(), frauds=(), rules=())) == "no payments"
