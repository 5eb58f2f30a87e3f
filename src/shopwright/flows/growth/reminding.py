"""What a shop may tell its members as time passes: a tier that ends, points that expire, a birthday, a long silence.

Rules
- each is told once, in the stream `growth`, under a key that says what it is about; whoever must miss none relays that stream;
- who was told is written in the same changeset, so that the next sweep does not look there again;
- a birthday is told once in a calendar year, whatever becomes of the birth date (GROWTH-2), and after its reward was given;
- who is no member (`People`), or is blocked, is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import evolve, frozen

from shopwright.errors import VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.growth.commands import RewardBirthday
from shopwright.flows.growth.rewarding import birthday_year, growth_of, reward_birthday
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.loyalty.account import Account
from shopwright.loyalty.growth import Growth, RewardFor
from shopwright.loyalty.growth_events import BirthdayDue, GrowthEvent, MemberLapsed, PointsExpiring, TierEnding
from shopwright.loyalty.naming import account_id, member_of
from shopwright.loyalty.qualifying import Counting
from shopwright.loyalty.tier_accounts import TierAccount, tier_now
from shopwright.loyalty.tiers import TierPolicy
from shopwright.members.actors import SYSTEM
from shopwright.periods import day_of
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import START, Changeset, Match, Operation, Put, Query, Record, Stored, Where
from shopwright.wire.growth_kinds import GROWTH, Reminded

T = TypeVar("T")

_DAY = timedelta(days=1)


@frozen
class Told:
    """How much of each was told."""

    tiers: int = 0
    points: int = 0
    lapses: int = 0
    birthdays: int = 0


def remind(ports: Ports, *, at: datetime, limit: int = 10_000) -> Told:
    """Tell all that is to be told by now, of each kind to at most `limit` members. Safe to run in several workers at once."""
    check_integer("limit", limit, least=1)
    growth, at = growth_of(ports), moment(at)
    told = growth.reminders
    return Told(
        tiers=0 if told.tier_days is None or growth.tiers is None else _tiers(ports, growth.tiers, told.tier_days, at, limit),
        points=0 if told.points_days is None else _points(ports, growth, told.points_days, at, limit),
        lapses=0 if told.lapse_days is None else _lapses(ports, told.lapse_days, at, limit),
        birthdays=_birthdays(ports, growth, at, limit),
    )


def _found(ports: Ports, kind: type[T], index: str, until: datetime, limit: int) -> Iterator[Stored[T]]:
    after, seen = "", 0
    while seen < limit:
        where = (Where(index, Match.AT_MOST, until),)
        page = ports.storage.find(Query(kind, where=where, order_by=index, limit=min(200, limit - seen), after=after))
        yield from page.items
        seen += len(page.items)
        if not page.next:
            return
        after = page.next


def _tell(ports: Ports, events: tuple[GrowthEvent, ...], puts: tuple[Put, ...], *, at: datetime) -> bool:
    """Write what is told, with who was told; whether this very call has."""
    op = Operation(fitted(f"tell/{'+'.join(it.key for it in events)}"), "tell")
    records = tuple([Record(GROWTH, fitted(it.key), 1, it) for it in events])
    try:
        result = ports.storage.commit(Changeset(op, at, puts=puts, records=records))
    except VersionConflict:
        return False  # somebody else was there, or something changed; the next sweep looks again
    return not getattr(result, "repeated", True)


def _tiers(ports: Ports, policy: TierPolicy, days: int, at: datetime, limit: int) -> int:
    told = 0
    for stored in _found(ports, TierAccount, "ends_at", at + days * _DAY, limit):
        account = stored.value
        if account.ends_at is None or account.ends_at <= at or ports.people.person(account.id) is None:
            continue
        lacks = Counting(account.facts, policy, account.ends_at, account.standing.since)
        missing = lacks.missing(policy.tiers[policy.place(account.standing.tier)].requires)
        words = tuple([f"{it.basis.value} {it.amount}" for it in missing])
        event = TierEnding(member_id=account.id, tier=account.standing.tier, lost_at=account.ends_at, missing=words, at=at)
        told += _tell(ports, (event,), (Put(account.id, evolve(account, told_end=account.ends_at), stored.version),), at=at)
    return told


def _lapses(ports: Ports, days: int, at: datetime, limit: int) -> int:
    told = 0
    for stored in _found(ports, TierAccount, "quiet_since", at - days * _DAY, limit):
        account = stored.value
        if account.last_order_at is None or ports.people.person(account.id) is None:
            continue
        event = MemberLapsed(member_id=account.id, last_order_at=account.last_order_at, at=at)
        told += _tell(ports, (event,), (Put(account.id, evolve(account, told_lapse=account.last_order_at), stored.version),), at=at)
    return told


def _points(ports: Ports, growth: Growth, days: int, at: datetime, limit: int) -> int:
    told, until = 0, at + days * _DAY
    for stored in _found(ports, Account, "lapses_at", until, limit):
        account = stored.value
        member_id = member_of(account.id)
        if account.id != account_id(member_id, growth.points) or ports.people.person(member_id) is None:
            continue
        reminded = ports.storage.load(Reminded, account.id)
        ahead = [
            PointsExpiring(member_id=member_id, lot_id=lot.id, points=lot.points, expires_at=lot.expires_at, at=at)
            for lot in account.lots
            if lot.expires_at is not None and at < lot.expires_at <= until
        ]
        events = tuple([it for it in ahead if reminded is None or it.key not in reminded.value.told])
        if events:
            marked = Reminded(id=account.id, told=tuple([it.key for it in ahead]))
            told += len(events) * _tell(ports, events, (Put(account.id, marked, 0 if reminded is None else reminded.version),), at=at)
    return told


def _birthdays(ports: Ports, growth: Growth, at: datetime, limit: int) -> int:
    """Tell the birthdays whose window is on somewhere; where it is on is asked of each member."""
    today = day_of(at, "UTC")
    span = range(-growth.birthday_after - 1, growth.birthday_before + 2)
    days = {(today + number * _DAY) for number in span}
    dates = {(day.month, day.day) for day in days}
    if {(2, 28), (3, 1)} & dates:
        dates.add((2, 29))
    told = 0
    for seen, member_id in enumerate(ports.people.born_on(frozenset(dates))):
        if seen >= limit:
            break
        told += _birthday(ports, growth, member_id, at=at)
    return told


def _birthday(ports: Ports, growth: Growth, member_id: str, *, at: datetime) -> bool:
    person = ports.people.person(member_id)
    year = None if person is None else birthday_year(growth, person, at=at)
    if year is None:
        return False
    tier, gift = _gift(ports, growth, member_id, at=at)
    event = BirthdayDue(member_id=member_id, year=year, tier=tier, gift=gift, at=at)
    if ports.storage.read(GROWTH, after=START, limit=1, key=fitted(event.key)):
        return False
    if any(rule.given_for is RewardFor.BIRTHDAY for rule in growth.rewards):
        reward_birthday(ports, RewardBirthday(key=fitted(f"due/{event.key}"), by=SYSTEM, member_id=member_id), at=at)
    return _tell(ports, (event,), (), at=at)


def _gift(ports: Ports, growth: Growth, member_id: str, *, at: datetime) -> tuple[str, str]:
    """The tier of a member and what it gives for a birthday."""
    if growth.tiers is None:
        return "", ""
    stored = ports.storage.load(TierAccount, member_id)
    tier = growth.tiers.tiers[0].id if stored is None else tier_now(stored.value, growth.tiers, at=at)
    return tier, growth.tiers.tiers[growth.tiers.place(tier)].gives.birthday_gift
