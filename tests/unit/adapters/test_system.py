"""The clock and the chance of the machine."""

from datetime import UTC

from shopwright.adapters.system import SystemClock, SystemIds
from shopwright.ids import id_time
from shopwright.testing.clock import NOON


def test_the_system_clock_tells_an_aware_time_in_utc():
    assert SystemClock().now().tzinfo is UTC


def test_system_ids_sort_by_time_and_never_meet():
    ids = SystemIds()
    made = {ids.new_id(NOON) for _ in range(1_000)}
    assert len(made) == 1_000
    assert {id_time(id) for id in made} == {NOON}


def test_system_chance_is_as_long_as_asked():
    ids = SystemIds()
    assert len(ids.randbytes(16)) == 16
    assert ids.randbytes(16) != ids.randbytes(16)
