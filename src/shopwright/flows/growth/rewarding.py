"""Points for what members do beside buying: checking in, reviews, birthdays, and what somebody of the shop says.

Rules
- what is given and its points are one changeset; the lot has the id of what it is for, so nothing is given twice, whoever asks and when;
- caps leave what they leave of a reward, and what it would have been is told; who gives by hand has a limit a day and is refused above it;
- who is no member (`People`), or is blocked, gets nothing: `member_unknown`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.growth.commands import CheckIn, MemberCommand, RewardBirthday, RewardManually, RewardReview, TakeBackReward
from shopwright.flows.growth.points import Given, give, take_back
from shopwright.flows.growth.ranking import unknown_member
from shopwright.flows.ports import Ports
from shopwright.flows.saving import not_found, operation
from shopwright.flows.trying import tried
from shopwright.loyalty.checkins import Streak
from shopwright.loyalty.checkins import check_in as checked_in
from shopwright.loyalty.growth import Growth, RewardFor, RewardGrant, RewardRule, Tally, capped
from shopwright.orders.order import Order
from shopwright.periods import day_of
from shopwright.ports.people import Person
from shopwright.ports.storage import Changeset, Operation, Put, Stored
from shopwright.promotions.birthdays import BirthdayWindow, LeapDay
from shopwright.refusals import Fact, Refusal
from shopwright.wire.growth_kinds import CheckInStreak

T = TypeVar("T")


def growth_of(ports: Ports) -> Growth:
    """The growth program of a shop. Raises `InvalidValue` where it has none."""
    if ports.growth is None:
        raise InvalidValue("this shop gives its members nothing; give it Shop(growth=Growth(...))")
    return ports.growth


def person_of(ports: Ports, command: MemberCommand) -> Person | Refusal:
    """What is known of the member of a command, for the member and for the shop."""
    person = ports.people.person(command.member_id) if command.by.sees(command.member_id) else None
    return unknown_member(command.member_id) if person is None else person


@takes(CheckIn)
def check_in(ports: Ports, command: CheckIn, *, at: datetime) -> CheckInStreak | Refusal:
    """A member checks in for the day that it is where they live, and gets the points of the streak.

    Refused with `member_unknown`, `checked_in_already` and `check_in_too_soon`. Raises `InvalidValue` for a shop without check-ins.
    """
    growth = growth_of(ports)
    if growth.check_ins is None:
        raise InvalidValue("this shop has no check-ins; give it Growth(check_ins=CheckInRule(...))")
    person = person_of(ports, command)
    if isinstance(person, Refusal):
        return person
    rule, op = growth.check_ins, operation(ports, command, command.member_id)

    def attempt() -> CheckInStreak | Refusal:
        stored = ports.storage.load(CheckInStreak, command.member_id)
        told = checked_in(Streak() if stored is None else stored.value.last.streak, rule, zone=person.zone, at=at)
        if stored is not None and ports.storage.answered(op) is not None:
            return stored.value
        if isinstance(told, Refusal):
            return told
        days = 1 if stored is None else stored.value.days + 1
        after = CheckInStreak(id=command.member_id, last=told, days=days)
        points = Given(f"check-in/{command.member_id}/{told.day.isoformat()}", told.points, told.points, rule.id, rule.version, by=command.by)
        changes = give(ports, growth, command.member_id, points, at=at)
        put = Put(command.member_id, after, 0 if stored is None else stored.version)
        ports.storage.commit(Changeset(op, at, puts=(put, *changes.puts), records=changes.records))
        return after

    return tried(ports.storage, attempt)


@takes(RewardReview)
def reward_review(ports: Ports, command: RewardReview, *, at: datetime) -> RewardGrant | Refusal:
    """Give the points of a review of something that was bought, once for each line of an order.

    Refused with `member_unknown`, with `order_not_found` for an order of somebody else, and with `review_not_bought` (facts: `order`, `line`) for
    a line of which nothing was delivered.
    """
    id = f"review/{command.order_id}/{command.line_no}"
    if ports.storage.answered(operation(ports, command, id)) is not None:
        return _given(ports, command, RewardFor.REVIEW, id, at=at)
    found = ports.storage.load(Order, command.order_id)
    if found is None or found.value.buyer_id != command.member_id:
        return not_found(command.order_id)
    line = found.value.line(command.line_no)
    if line is None or not line.buckets.delivered:
        facts: dict[str, Fact] = {"order": command.order_id, "line": command.line_no}
        return Refusal("review_not_bought", f"nothing of line {command.line_no} of order {found.value.number} was delivered", facts)
    return _given(ports, command, RewardFor.REVIEW, id, at=at)


@takes(RewardBirthday)
def reward_birthday(ports: Ports, command: RewardBirthday, *, at: datetime) -> RewardGrant | Refusal:
    """Give the points of a birthday, once in a calendar year (GROWTH-2).

    Refused with `member_unknown`, and with `birthday_not_now` for who has none in these days, or is not known to have one.
    """
    growth, person = growth_of(ports), person_of(ports, command)
    if isinstance(person, Refusal):
        return person
    done = ports.storage.answered(operation(ports, command, ""))
    if done is not None:
        return _given(ports, command, RewardFor.BIRTHDAY, done.text, at=at)
    year = birthday_year(growth, person, at=at)
    if year is None:
        return Refusal("birthday_not_now", "it is not the member's birthday in these days", {})
    return _given(ports, command, RewardFor.BIRTHDAY, f"birthday/{command.member_id}/{year}", at=at)


def birthday_year(growth: Growth, person: Person, *, at: datetime) -> int | None:
    """The calendar year of the birthday that a member has around now, `None` for none."""
    if person.born is None:
        return None
    leap = LeapDay.MAR_1 if growth.leap_on_march_1 else LeapDay.FEB_28
    window = BirthdayWindow(days_before=growth.birthday_before, days_after=growth.birthday_after, leap=leap)
    return window.opened(person.born, zone=person.zone, at=at)


@takes(RewardManually)
def reward_manually(ports: Ports, command: RewardManually, *, at: datetime) -> RewardGrant | Refusal:
    """Give points by hand, with a reason.

    Refused with `member_unknown`, and with `reward_above_limit` (facts: `wanted`, `left`) for more points at a time, or for more a day, than whoever
    gives them may give.
    """
    return _given(ports, command, RewardFor.MANUAL, f"manual/{command.key}", at=at, points=command.points, reason=command.reason)


@frozen
class _Caps:
    """What caps leave of a reward: the tallies as they were read, those of the member and of whoever gives."""

    member: Stored[Tally]
    giver: Stored[Tally]


def _given(
    ports: Ports, command: MemberCommand, given_for: RewardFor, id: str, *, at: datetime, points: int = 0, reason: str = ""
) -> RewardGrant | Refusal:
    """Give a reward once under its id; who comes second gets what was given."""
    growth = growth_of(ports)
    rule = growth.reward(given_for)
    person, op = person_of(ports, command), operation(ports, command, id)
    if isinstance(person, Refusal):
        return person

    def attempt() -> RewardGrant | Refusal:
        before = ports.storage.load(RewardGrant, id)
        if before is not None:
            return _again(ports, op, before.value)
        desired = points or rule.points
        caps = _caps(ports, growth, rule, command, at=at)
        if refusal := _above(rule, desired, caps):
            return refusal
        granted = capped(desired, (rule.most, caps.member.value))
        grant = RewardGrant(
            id=id,
            member_id=command.member_id,
            rule=rule.id,
            rule_version=rule.version,
            desired=desired,
            granted=granted,
            reason=reason,
            at=at,
        )
        told = Given(id, granted, desired, rule.id, rule.version, by=command.by, reason=reason)
        changes = give(ports, growth, command.member_id, told, at=at)
        puts = (Put(id, grant), *_tallied(rule, caps, granted, by_hand=given_for is RewardFor.MANUAL), *changes.puts)
        ports.storage.commit(Changeset(op, at, puts=puts, records=changes.records))
        return grant

    return tried(ports.storage, attempt)


def _again(ports: Ports, op: Operation, grant: RewardGrant) -> RewardGrant | Refusal:
    """What was given before: to this very command, or to another."""
    if ports.storage.answered(op) is not None:
        return grant
    return Refusal("reward_given", f"{grant.id} was rewarded before", {"reward": grant.id, "points": grant.granted})


def _caps(ports: Ports, growth: Growth, rule: RewardRule, command: MemberCommand, *, at: datetime) -> _Caps:
    member = f"{rule.id}/{command.member_id}/{rule.period_of(at, growth.zone)}"
    giver = f"{rule.id}/by/{command.by.id}/{day_of(at, growth.zone).isoformat()}"
    found = ports.storage.load_many(Tally, (member, giver))
    return _Caps(*[found.get(id) or Stored(Tally(id=id), 0) for id in (member, giver)])


def _above(rule: RewardRule, desired: int, caps: _Caps) -> Refusal | None:
    if rule.given_for is not RewardFor.MANUAL:
        return None
    left = capped(rule.points, (rule.most_by_staff, caps.giver.value))
    if desired <= left:
        return None
    return Refusal("reward_above_limit", f"{desired} points are more than the {left} that may be given", {"wanted": desired, "left": left})


def _tallied(rule: RewardRule, caps: _Caps, granted: int, *, by_hand: bool) -> tuple[Put, ...]:
    """The tallies with what was granted; those that cap nothing are not kept."""
    told = [caps.member] if rule.most is not None else []
    told += [caps.giver] if by_hand and rule.most_by_staff is not None else []
    return tuple([Put(it.value.id, evolve(it.value, granted=it.value.granted + granted), it.version) for it in told])


@takes(TakeBackReward)
def take_back_reward(ports: Ports, command: TakeBackReward, *, at: datetime) -> RewardGrant | Refusal:
    """Take back the points of a reward, within the member's balance; what was given for stays given, so that it is not given again.

    Refused with `reward_unknown` for what was not given to this member.
    """
    growth, op = growth_of(ports), operation(ports, command, command.reward_id)

    def attempt() -> RewardGrant | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(RewardGrant, command.reward_id)
        if stored is None or stored.value.member_id != command.member_id:
            return Refusal("reward_unknown", f"{command.member_id} was given no reward {command.reward_id!r}", {"reward": command.reward_id})
        if done or stored.value.taken_back:
            return stored.value
        told = Given(command.reward_id, stored.value.granted, stored.value.desired, stored.value.rule, 0, by=command.by, reason=command.reason)
        changes = take_back(ports, growth, command.member_id, told, at=at)
        after = evolve(stored.value, taken_back=True)
        put = Put(after.id, after, stored.version)
        ports.storage.commit(Changeset(op, at, puts=(put, *changes.puts), records=changes.records))
        return after

    return tried(ports.storage, attempt)
