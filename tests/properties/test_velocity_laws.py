"""Trails count what a list of all that ever happened would count."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shopwright.payments.risk.velocities import KEPT, Happening, Kind, Link, Trail, Velocity, counted, noted
from shopwright.testing.builders import NOON

KEEP = timedelta(hours=3)


def happened(number: int, kind: Kind, minutes: int, amount: int, card: int) -> Happening:
    """What happened, under a key that says all of it: what is told twice is the same."""
    links = ((Link.CARD, f"c{card}"),) if card else ()
    return Happening(key=f"{number}/{minutes}/{amount}/{card}", kind=kind, at=NOON + timedelta(minutes=minutes), amount=amount, links=links)


happenings = st.builds(
    happened, st.integers(0, 2), st.sampled_from([Kind.ATTEMPT, Kind.DECLINE]), st.integers(0, 400), st.integers(0, 9), st.integers(0, 3)
)
velocities = st.builds(
    lambda hours, kinds, way: Velocity(
        by=Link.IP, within=timedelta(hours=hours), kinds=frozenset(kinds), distinct=Link.CARD if way == "distinct" else None, sums=way == "sums"
    ),
    st.integers(1, 3),
    st.sets(st.sampled_from([Kind.ATTEMPT, Kind.DECLINE]), min_size=1),
    st.sampled_from(["times", "sums", "distinct"]),
)


def naive(told: list[Happening], velocity: Velocity, at: datetime) -> int:
    once = list({(it.key, it.kind): it for it in reversed(told)}.values())
    mine = [it for it in once if it.kind in velocity.kinds and at - velocity.within < it.at <= at]
    if velocity.sums:
        return sum(it.amount for it in mine)
    return len({value for it in mine for _, value in it.links}) if velocity.distinct else len(mine)


@given(told=st.lists(happenings, max_size=40), velocity=velocities, later=st.integers(0, 200))
def test_a_trail_counts_what_a_list_of_all_that_happened_counts(told: list[Happening], velocity: Velocity, later: int) -> None:
    """RISK-1, RISK-2"""
    trail = Trail(id="ip/i")
    for happening in told:
        trail = noted(trail, happening, keep=KEEP)
    now = max([it.at for it in told], default=NOON) + timedelta(minutes=later)

    assert counted(trail, velocity, at=now) == naive(told, velocity, now)


@given(told=st.lists(happenings, max_size=25))
def test_to_tell_a_trail_the_same_again_changes_nothing(told: list[Happening]) -> None:
    trail = Trail(id="ip/i")
    for happening in told:
        trail = noted(trail, happening, keep=timedelta(days=1))
    again = trail
    for happening in told:
        again = noted(again, happening, keep=timedelta(days=1))

    assert again == trail


def test_a_window_is_open_where_it_begins_and_closed_where_it_ends() -> None:
    hour = Velocity(by=Link.IP, within=timedelta(hours=1))
    trail = noted(Trail(id="ip/i"), Happening(key="k", kind=Kind.ATTEMPT, at=NOON), keep=KEEP)
    moments = [NOON - timedelta(microseconds=1), NOON, NOON + timedelta(hours=1) - timedelta(microseconds=1), NOON + timedelta(hours=1)]

    assert [counted(trail, hour, at=at) for at in moments] == [0, 1, 1, 0]


def test_a_flood_of_one_kind_takes_no_place_from_another_and_a_trail_never_grows_above_what_is_kept() -> None:
    trail = noted(Trail(id="ip/i"), Happening(key="no", kind=Kind.DECLINE, at=NOON), keep=KEEP)
    for number in range(3 * KEPT):
        trail = noted(trail, Happening(key=f"k{number}", kind=Kind.ATTEMPT, at=NOON + timedelta(seconds=number)), keep=KEEP)
    at = NOON + timedelta(seconds=3 * KEPT)
    attempts, declines = (Velocity(by=Link.IP, within=KEEP, kinds=frozenset({kind})) for kind in (Kind.ATTEMPT, Kind.DECLINE))

    assert (counted(trail, attempts, at=at), counted(trail, declines, at=at), len(trail.happenings)) == (KEPT, 1, KEPT + 1)
