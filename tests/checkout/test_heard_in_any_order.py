"""What a provider pushes may come in any order, many times, before its payment's own answer, and between questions: the amounts are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from random import Random
from typing import Any

import pytest

from shopwright.payments.notifications import RawNotification
from tests.checkout.heard import Hearer, Lived, lived
from tests.checkout.kept import Kept
from tests.checkout.world import GATEWAYS

MOST = 120
"""Of more pushes than five, so many orders by chance."""


@pytest.fixture(scope="module", params=GATEWAYS)
def told(request: pytest.FixtureRequest) -> Iterator[Lived]:
    with lived(request.param) as found:
        yield found


def orders(pushed: Sequence[RawNotification], most: int = MOST) -> list[tuple[RawNotification, ...]]:
    every = permutations(pushed)
    if len(pushed) <= 5:
        found = list(every)
        return found if len(found) <= most else Random(1).sample(found, most)
    chance = Random(1)
    return [tuple(chance.sample(pushed, len(pushed))) for _ in range(most)]


def end(hearer: Hearer, refused: Sequence[RawNotification]) -> None:
    """The line is whole again, and what was not taken comes again; all is told now, and nobody has moved anything by it."""
    moved = hearer.lived.simulation.moved()
    hearer.reconnect()
    assert set(hearer.hear(refused)) <= {200, 204}
    hearer.look()
    assert hearer.amounts == hearer.lived.truth
    order = hearer.order
    assert (order.state, order.open_attempts, order.exceptions) == ("confirmed", (), ())
    assert hearer.lived.simulation.moved() == moved


def test_all_orders_of_what_was_pushed_end_in_the_same_amounts(told: Lived, record_property: Any) -> None:
    """Deaf meanwhile, so that what is pushed is all that is known; each also three times."""
    tried = orders(told.pushed)
    for order in tried:
        hearer = told.hearer()
        hearer.pay()
        answers = hearer.hear(order) + hearer.hear(order) + hearer.hear(order)
        assert set(answers) <= {200, 204, 500, 503}
        end(hearer, order)
    record_property("heard_orders", len(tried))


def test_questions_between_what_is_pushed_change_nothing(told: Lived, record_property: Any) -> None:
    tried = orders(told.pushed, 24)
    for number, order in enumerate(tried):
        hearer = told.hearer()
        hearer.pay()
        place = number % (len(order) + 1)
        hearer.hear(order[:place])
        hearer.reconnect()
        hearer.look()
        hearer.hear(order[place:])
        hearer.look()
        end(hearer, order)
    record_property("heard_orders", len(tried))


def test_all_of_it_may_come_before_the_answer_to_the_start(told: Lived, record_property: Any) -> None:
    tried = orders(told.pushed, 24)
    for order in tried:
        hearer = told.hearer(deaf=False)
        heard: list[int] = []
        hearer.line.before_start = lambda hearer=hearer, order=order, heard=heard: heard.extend(hearer.hear(order))  # type: ignore[misc]
        hearer.pay()
        assert len(heard) == len(order)
        end(hearer, order)
    record_property("heard_orders", len(tried))


def test_the_same_holds_on_every_storage(told: Lived, kept: Kept) -> None:
    for order in orders(told.pushed, 3):
        hearer = told.hearer(kept.storage.scoped(kept.scope()))
        hearer.pay()
        hearer.hear(order * 2)
        end(hearer, order)
