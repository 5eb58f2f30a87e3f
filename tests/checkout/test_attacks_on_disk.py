"""Attacks by notification on shops whose storage is on a disk: what is refused writes no row, and what comes again is counted once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from random import Random
from threading import Barrier
from typing import Any

import pytest

from shopwright.payments.errors import BadNotification
from tests.checkout.attacks import FORGED, Raws, mixed, of_another
from tests.checkout.heard import Hearer, Lived, lived
from tests.checkout.kept import Kept
from tests.checkout.world import GATEWAYS

TOGETHER = 4
"""How many hear the same at once."""


@pytest.fixture(scope="module", params=GATEWAYS)
def told(request: pytest.FixtureRequest) -> Iterator[Lived]:
    with lived(request.param) as found:
        yield found


@pytest.fixture
def scope(kept: Kept) -> str:
    return kept.scope()


@pytest.fixture
def hearer(told: Lived, kept: Kept, scope: str) -> Hearer:
    """A shop that has asked for the payment, and heard nothing."""
    found = told.hearer(kept.storage.scoped(scope))
    found.pay()
    found.clock.set(told.clock.now())
    return found


def refused(hearer: Hearer, raws: Raws) -> int:
    """How many there were; one that is taken for genuine fails."""
    number = 0
    for number, raw in enumerate(raws, 1):  # noqa: B007  # the last number is how many there were
        with pytest.raises(BadNotification):
            hearer.shop.payments.receive(hearer.lived.simulation.name, raw)
    return number


def test_no_attack_writes_a_row(hearer: Hearer, kept: Kept, record_property: Any) -> None:
    pushed, before, moved = hearer.lived.pushed, kept.rows(), hearer.lived.simulation.moved()

    count = sum(refused(hearer, chain.from_iterable(map(attack, pushed))) for attack in FORGED.values())
    count += refused(hearer, mixed(pushed))
    hearer.line._gateway = of_another(hearer.lived.simulation)
    count += refused(hearer, iter(pushed))

    assert count > 100
    assert kept.rows() == before
    assert hearer.lived.simulation.moved() == moved
    record_property("refused_notifications", count)


def test_what_comes_again_writes_no_row_also_after_a_restart(hearer: Hearer, kept: Kept, scope: str, record_property: Any) -> None:
    pushed, unheard = hearer.lived.pushed, kept.rows()
    hearer.reconnect()
    hearer.hear(pushed * 2)
    assert hearer.amounts == hearer.lived.truth
    before, moved = kept.rows(), hearer.lived.simulation.moved()
    assert before != unheard, "what is heard for the first time is written"

    assert set(hearer.hear(pushed * 3)) <= {200, 204}
    with closing(kept.again()) as storage:
        assert set(hearer.lived.hearer(storage.scoped(scope), deaf=False).hear(pushed)) <= {200, 204}

    assert kept.rows() == before
    assert hearer.lived.simulation.moved() == moved
    record_property("harmless_notifications", 4 * len(pushed))


def test_what_comes_to_several_at_once_is_counted_once(hearer: Hearer, kept: Kept, scope: str, record_property: Any) -> None:
    pushed, gate = hearer.lived.pushed, Barrier(TOGETHER)
    hearer.reconnect()

    def hears(number: int) -> set[int]:
        with closing(kept.again()) as storage:
            other = hearer.lived.hearer(storage.scoped(scope), deaf=False)
            gate.wait()
            return set(other.hear(Random(number).sample(pushed, len(pushed))))

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(hears, range(TOGETHER)))

    assert set().union(*answers) <= {200, 204, 500, 503}
    hearer.hear(pushed)
    assert hearer.amounts == hearer.lived.truth
    record_property("harmless_notifications", TOGETHER * len(pushed))
