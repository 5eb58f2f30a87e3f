"""Notifications that are not what the provider has sent, to whom, when and as it has sent them: refused, or without any effect; and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from shopwright.payments.errors import BadNotification
from tests.checkout.attacks import FORGED, NOTHING_TO_CHANGE, Raws, mixed, of_another, replayed
from tests.checkout.heard import Hearer, Lived, lived
from tests.checkout.world import GATEWAYS


@pytest.fixture(scope="module", params=GATEWAYS)
def told(request: pytest.FixtureRequest) -> Iterator[Lived]:
    with lived(request.param) as found:
        yield found


def suffered(hearer: Hearer, raws: Raws, name: str) -> Counter[str]:
    """How many were refused and how many were harmless; all that changed anything fail."""
    before, moved, count = hearer.order, hearer.lived.simulation.moved(), Counter[str]()
    for raw in raws:
        try:
            hearer.shop.payments.receive(name, raw)
        except BadNotification:
            count["refused"] += 1
        else:
            count["harmless"] += 1
        assert hearer.order == before
    assert hearer.lived.simulation.moved() == moved
    return count


def asked(told: Lived) -> Hearer:
    hearer = told.hearer()
    hearer.pay()
    hearer.clock.set(told.clock.now())
    return hearer


@pytest.mark.parametrize("attack", sorted(FORGED))
def test_what_was_changed_weakened_or_kept_for_later_is_refused(told: Lived, attack: str, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    count = Counter[str]()
    for raw in told.pushed:
        count += suffered(hearer, FORGED[attack](raw), name)

    assert count["harmless"] == 0
    assert count["refused"] or (attack, name) in NOTHING_TO_CHANGE
    record_property("refused_notifications", count["refused"])


def test_what_is_for_another_merchant_is_refused(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    stranger = told.hearer()
    stranger.shop.ports.gateways[name]._gateway = of_another(told.simulation)
    stranger.pay()
    for raw in told.pushed:
        before = stranger.order
        with pytest.raises(BadNotification):
            stranger.shop.payments.receive(name, raw)
        assert stranger.order == before
    assert set(hearer.hear(told.pushed)) <= {200, 204, 500, 503}, "they are genuine for their own merchant"
    record_property("refused_notifications", len(told.pushed))


def test_what_comes_again_while_it_is_fresh_is_harmless(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    hearer.reconnect()
    hearer.hear(told.pushed)
    hearer.hear(told.pushed)
    count = Counter[str]()
    for raw in told.pushed:
        count += suffered(hearer, replayed(raw), name)

    assert (count["refused"], count["harmless"]) == (0, 5 * len(told.pushed))
    assert hearer.amounts == told.truth
    record_property("harmless_notifications", count["harmless"])


def test_what_another_provider_has_sent_is_refused(told: Lived, record_property: Any) -> None:
    hearer, count = asked(told), 0
    for other in GATEWAYS:
        if other == told.simulation.name:
            continue
        with lived(other) as theirs:
            found = suffered(hearer, iter(theirs.pushed), told.simulation.name)
        assert found["harmless"] == 0
        count += found["refused"]
    record_property("refused_notifications", count)


def test_headers_and_body_of_two_notifications_do_not_fit_each_other(told: Lived, record_property: Any) -> None:
    hearer, name = asked(told), told.simulation.name
    count = suffered(hearer, mixed(told.pushed), name)

    assert count["harmless"] == 0
    record_property("refused_notifications", count["refused"])
