"""A clock that stands still and ids that repeat themselves, for tests."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shopwright.errors import InvalidValue
from shopwright.ids import id_time
from shopwright.testing import FrozenClock, SeededIds
from shopwright.testing.clock import NOON


def test_a_frozen_clock_stands_still():
    clock = FrozenClock(NOON)
    assert [clock.now(), clock.now()] == [NOON, NOON]


def test_a_frozen_clock_moves_when_it_is_told_to():
    clock = FrozenClock(NOON)
    assert clock.advance(timedelta(minutes=1)) == NOON + timedelta(minutes=1)
    assert clock.advance(hours=1, seconds=-1) == NOON + timedelta(minutes=60, seconds=59)
    assert clock.now() == NOON + timedelta(minutes=60, seconds=59)
    clock.set(NOON)
    assert clock.now() == NOON


def test_a_frozen_clock_tells_utc_and_refuses_a_time_without_a_zone():
    assert FrozenClock(datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))).now() == NOON
    assert FrozenClock(datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))).now().tzinfo is UTC
    with pytest.raises(InvalidValue, match="aware"):
        FrozenClock(datetime(2026, 3, 1))


def test_seeded_ids_are_the_same_for_the_same_seed():
    def some(seed: int) -> list[str]:
        ids = SeededIds(seed)
        return [ids.new_id(NOON) for _ in range(3)]

    assert some(1) == some(1) != some(2)
    assert {id_time(id) for id in some(1)} == {NOON}
    assert len(set(some(1))) == 3


def test_the_testing_package_names_what_it_has():
    import shopwright.testing

    with pytest.raises(AttributeError, match=r"no attribute 'Nothing'; it has .*StorageContract"):
        shopwright.testing.Nothing  # noqa: B018
