"""One checkout script, unchanged, through every gateway that is simulated and through points, on every storage: to equal books."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import script
import telling
from script import BACK, PRICE, TEAS, Checkout, checkout
from sides import NAMES, opened

from shopwright import Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators import SIMULATIONS, open_simulation
from shopwright.errors import InvalidValue
from shopwright.ports.storage import Storage
from shopwright.testing import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.checkout.kept import Kept
from tests.checkout.world import GATEWAYS, more
from tests.surroundings import ROOT

TAKEN, GIVEN = PRICE * TEAS, sum(BACK)


@pytest.fixture
def storage(request: pytest.FixtureRequest) -> Storage:
    if request.param == "memory":
        return MemoryStorage(KINDS)
    kept: Kept = request.getfixturevalue(f"{request.param}_mall")
    return kept.storage.scoped(kept.scope())


def run(name: str, storage: Storage) -> Checkout:
    clock = FrozenClock()
    with opened(name, clock, **more(name)) as side:
        return checkout(Shop(storage, clock=clock, **side.ways()), side, clock)


@pytest.mark.parametrize("storage", ["memory", "sqlite", "postgres"], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_checkout_ends_with_equal_books_through_every_gateway(name: str, storage: Storage) -> None:
    found = run(name, storage)

    assert [step.name for step in found.steps] == ["pay", "the buyer acts", "notify", "capture", "refund 1", "refund 2", "query"]
    assert (found.steps[0].ours, found.steps[3].ours, found.steps[-1].ours) == ((0, 0), (TAKEN, 0), (TAKEN, GIVEN))
    assert all(step.ours == step.theirs for step in found.steps[2:]), "once it was told, both sides say the same"
    if found.report is not None:
        assert (found.report.lines, found.report.matched, found.report.breaks, found.report.awaited) == (3, 3, (), 0)
        assert [(it.ours, it.theirs) for it in found.report.sums] == [(TAKEN - GIVEN, TAKEN - GIVEN)]
    assert found.is_equal
    assert (found.report is None) == (name == "points")


def test_the_script_knows_no_gateway_by_name() -> None:
    text = Path(script.__file__).read_text(encoding="utf-8")
    assert [name for name in NAMES if name in text.lower()] == []


def test_a_table_tells_each_step_and_a_picture_draws_each_gateway() -> None:
    found = [run(name, MemoryStorage(KINDS)) for name in ("fake", "points")]

    told = "\n".join(line for it in found for line in telling.table(it))
    drawn = telling.picture(found)

    assert all(word in told for word in ("refund 2", "77.50", "3 matched, 0 breaks", "the gateway keeps no ledger"))
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert [drawn.count(word) for word in ("books are equal", "given back", "EUR")] == [2, 2, 8]


def test_the_example_runs_through_all_gateways_and_draws_its_picture_where_it_is_told(tmp_path: Path) -> None:
    main, drawn = ROOT / "examples" / "checkout" / "pay_everywhere.py", tmp_path / "money.svg"
    command = [sys.executable, str(main), "--picture", str(drawn)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"(\d) of \1 checkouts end with equal books", done.stdout.splitlines()[-1])
    assert drawn.read_text(encoding="utf-8").startswith("<svg")


def test_every_simulation_has_its_test_and_others_are_told_by_name() -> None:
    assert set(GATEWAYS) == set(SIMULATIONS)
    with pytest.raises(InvalidValue, match="no gateway named 'paypal' is simulated; there are alipay, fake"):
        open_simulation("paypal", clock=FrozenClock())
