from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.ids import id_time, new_id
from shopwright.ids.ordered import CROCKFORD

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


def zeros(size):
    return bytes(size)


def ones(size):
    return b"\xff" * size


def test_an_id_is_its_time_and_its_chance_in_crockfords_base_32():
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert new_id(at=epoch, rng=zeros) == "0" * 26
    assert new_id(at=epoch + timedelta(milliseconds=33), rng=ones) == "0000000011" + "Z" * 16
    # The example of the ULID specification: 1469918176385 milliseconds read 01ARYZ6S41.
    assert new_id(at=epoch + timedelta(milliseconds=1469918176385), rng=zeros) == "01ARYZ6S41" + "0" * 16


@given(times, st.binary(min_size=10, max_size=10))
def test_an_id_tells_when_it_was_made_to_the_millisecond(at, chance):
    made = new_id(at=at, rng=lambda _: chance)
    assert (len(made), set(made) <= set(CROCKFORD)) == (26, True)
    assert id_time(made) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@given(times, times)
def test_ids_sort_by_time(one, other):
    earlier, later = sorted((one, other))
    if later - earlier >= timedelta(milliseconds=1):
        assert new_id(at=earlier, rng=ones) < new_id(at=later, rng=zeros)


def test_the_zone_of_a_time_does_not_matter():
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert new_id(at=there, rng=zeros) == new_id(at=NOON, rng=zeros)


def test_chance_comes_from_a_function_or_from_a_random_generator():
    assert new_id(at=NOON, rng=Random(7)) == new_id(at=NOON, rng=Random(7).randbytes)
    assert len({new_id(at=NOON, rng=secrets.token_bytes) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("rng", [None, 7, b"0123456789", "x"])
def test_what_gives_no_chance_is_refused(rng):
    with pytest.raises(InvalidValue, match=r"expected rng to be a function such as secrets\.token_bytes"):
        new_id(at=NOON, rng=rng)


@pytest.mark.parametrize("given", [b"", b"short", bytes(11), "0123456789", None, [0] * 10])
def test_chance_of_another_size_or_type_is_refused(given):
    with pytest.raises(InvalidValue, match="expected rng to give 10 bytes when asked for 10"):
        new_id(at=NOON, rng=lambda _: given)


@pytest.mark.parametrize("at", [datetime(2026, 11, 22), None, 0, "2026-11-22", NOON.date()])
def test_a_time_without_a_zone_is_refused(at):
    with pytest.raises(InvalidValue, match=r"^at must be a datetime with a time zone, got .*datetime\.now\(UTC\)$"):
        new_id(at=at, rng=zeros)


def test_a_time_before_1970_is_refused():
    with pytest.raises(InvalidValue, match="at must not be before 1970, got 1969-12-31T23:59:59"):
        new_id(at=datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), rng=zeros)


@pytest.mark.parametrize(
    "id",
    [
        "",
        "0" * 25,
        "0" * 27,
        "8" + "0" * 25,
        "7" + "Z" * 25,
        "0" * 25 + "U",
        "0" * 25 + "l",
        "0" * 25 + "a",
        " " + "0" * 25,
        None,
        5,
        b"0" * 26,
        "\ud800" * 26,
    ],
)
def test_what_new_id_cannot_have_made_has_no_time(id):
    with pytest.raises(InvalidValue, match="expected an id of 26 characters in Crockford's base 32"):
        id_time(id)
