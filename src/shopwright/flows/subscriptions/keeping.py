"""Keep subscriptions: begin and change them, pause, resume and replay them, and clear up what could not be told.

Rules
- every command takes the lease from the relay that has it and writes the subscription, so a relay at work notices and stops;
- a subscription keeps its place in the stream through every change; its stream and its outlet are what they were at the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation
from shopwright.flows.subscriptions.commands import (
    DiscardNotice,
    PauseSubscription,
    RedeliverNotices,
    ReplaySubscription,
    ResumeSubscription,
    Subscribe,
    SubscriptionCommand,
)
from shopwright.flows.trying import tried
from shopwright.ports.storage import START, Changeset, Drop, Match, Page, Position, Put, Query, Stored, Where
from shopwright.refusals import Refusal
from shopwright.wire.notices import check_fields, record_type
from shopwright.wire.subscription_kinds import Backlog, Subscription, SubscriptionState


def backlog_id(subscription: str, key: str) -> str:
    """The id of what waits about one key."""
    return fitted(f"{subscription}/{key}")


def subscription_not_found(name: str) -> Refusal:
    """The refusal for a subscription that is not there."""
    return Refusal("subscription_not_found", f"there is no subscription {name!r}", {"subscription": name})


@takes(Subscribe)
def subscribe(ports: Ports, command: Subscribe, *, at: datetime) -> Subscription | Refusal:
    """Begin a subscription, or change one; it as it stands then.

    Refused with `subscription_taken` where one of this name has another outlet or stream. Raises `InvalidValue` for an outlet that the shop does not
    have, for what is no event, and for fields that no event has or that go out to nobody.
    """
    ports.outlet(command.outlet)
    check_fields(ports.storage.kinds, command.plus)
    for kind in command.kinds:
        record_type(ports.storage.kinds, kind)
    op = operation(ports, command, command.name)

    def attempt() -> Subscription | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(Subscription, command.name)
        if stored is not None and done:
            return stored.value
        if stored is not None and (stored.value.outlet, stored.value.stream) != (command.outlet, command.stream):
            return _taken(stored.value)
        wanted = _let_go(_wanted(command, None if stored is None else stored.value, at))
        result = ports.storage.commit(Changeset(op, at, puts=(Put(command.name, wanted, 0 if stored is None else stored.version),)))
        return result if isinstance(result, Refusal) else wanted

    return tried(ports.storage, attempt)


def _let_go(it: Subscription) -> Subscription:
    """Without its relay, which can write nothing more."""
    return evolve(it, holder="", leased_until=None)


def _taken(it: Subscription) -> Refusal:
    facts = {"subscription": it.name, "outlet": it.outlet, "stream": it.stream}
    return Refusal("subscription_taken", f"subscription {it.name!r} tells {it.outlet} of the stream {it.stream}; take another name", facts)


def _wanted(command: Subscribe, before: Subscription | None, at: datetime) -> Subscription:
    if before is not None:
        since = before.since if command.since is None else command.since
        return evolve(before, kinds=command.kinds, plus=command.plus, retries=command.retries, since=since)
    return Subscription(
        name=command.name,
        outlet=command.outlet,
        stream=command.stream,
        since=command.since or at,
        kinds=command.kinds,
        plus=command.plus,
        retries=command.retries,
    )


@takes(PauseSubscription)
def pause_subscription(ports: Ports, command: PauseSubscription, *, at: datetime) -> Subscription | Refusal:
    """Tell nothing more until it is resumed. Refused with `subscription_not_found`."""
    return _changed(ports, command, lambda it: evolve(it, state=SubscriptionState.PAUSED, why=command.why), at=at)


@takes(ResumeSubscription)
def resume_subscription(ports: Ports, command: ResumeSubscription, *, at: datetime) -> Subscription | Refusal:
    """Go on, without a rest. Refused with `subscription_not_found`."""
    return _changed(ports, command, lambda it: evolve(it, state=SubscriptionState.ACTIVE, why="", failures=0, rests_until=None), at=at)


@takes(ReplaySubscription)
def replay_subscription(ports: Ports, command: ReplaySubscription, *, at: datetime) -> Subscription | Refusal:
    """Tell again what happened since then. Refused with `subscription_not_found`."""
    return _changed(ports, command, lambda it: evolve(it, position=START, since=command.since, failures=0, rests_until=None), at=at)


def _changed(ports: Ports, command: SubscriptionCommand, change: Callable[[Subscription], Subscription], *, at: datetime) -> Subscription | Refusal:
    op = operation(ports, command, command.name)

    def attempt() -> Subscription | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(Subscription, command.name)
        if stored is None:
            return subscription_not_found(command.name)
        if done:
            return stored.value
        changed = _let_go(change(stored.value))
        result = ports.storage.commit(Changeset(op, at, puts=(Put(command.name, changed, stored.version),)))
        return result if isinstance(result, Refusal) else changed

    return tried(ports.storage, attempt)


@takes(RedeliverNotices)
def redeliver_notices(ports: Ports, command: RedeliverNotices, *, at: datetime) -> Subscription | Refusal:
    """Try anew what waits; the next relay does it. Refused with `subscription_not_found` and `notice_not_waiting`."""

    def again(_: Subscription, it: Backlog) -> Backlog:
        return evolve(it, tries=0, due_at=at)

    return _cleared(ports, command, command.about, again, at=at)


@takes(DiscardNotice)
def discard_notice(ports: Ports, command: DiscardNotice, *, at: datetime) -> Subscription | Refusal:
    """Pass over the notice that others wait behind; those go on with the next relay.

    Refused with `subscription_not_found`, and `notice_not_waiting` also where it is another notice that the others wait behind.
    """

    def past(subscription: Subscription, it: Backlog) -> Backlog | None:
        if it.number != command.number:
            return None
        (skipped,) = ports.storage.read(subscription.stream, after=Position(it.after), limit=1, key=it.key)
        return evolve(it, after=skipped.position, number=it.number + 1, tries=0, error="", due_at=at)

    return _cleared(ports, command, command.about, past, at=at)


Clear = Callable[[Subscription, Backlog], Backlog | None]


def _cleared(ports: Ports, command: SubscriptionCommand, about: str, clear: Clear, *, at: datetime) -> Subscription | Refusal:
    """Write what is left of a backlog, and drop it where that is nothing."""
    op, id = operation(ports, command, command.name), backlog_id(command.name, about)

    def attempt() -> Subscription | Refusal:
        done = ports.storage.answered(op) is not None
        known = ports.storage.load(Subscription, command.name)
        if known is None:
            return subscription_not_found(command.name)
        if done:
            return known.value
        stored = ports.storage.load(Backlog, id)
        left = None if stored is None else clear(known.value, stored.value)
        if stored is None or left is None:
            return _not_waiting(command, about, 0 if stored is None else stored.value.number)
        gone = left.number > left.seen
        # The subscription is written too, so that a relay that is at this very backlog stops.
        puts = (Put(command.name, _let_go(known.value), known.version), *(() if gone else (Put(id, left, stored.version),)))
        result = ports.storage.commit(Changeset(op, at, puts=puts, drops=(Drop(Backlog, id),) if gone else ()))
        return result if isinstance(result, Refusal) else known.value

    return tried(ports.storage, attempt)


def _not_waiting(command: SubscriptionCommand, about: str, number: int) -> Refusal:
    facts: dict[str, str | int | bool] = {"subscription": command.name, "about": about, "number": number}
    return Refusal("notice_not_waiting", f"no such notice about {about!r} keeps others waiting in {command.name!r}", facts)


def waiting(ports: Ports, name: str, *, dead: bool = False, limit: int = 50, after: str = "") -> Page[Stored[Backlog]]:
    """What could not be told yet, by key; with `dead` what waits for a person alone. Raises `InvalidValue` for what is no name."""
    if not isinstance(name, str):
        raise InvalidValue(f"expected the name of a subscription, got {name!r}")
    index = "dead" if dead else "subscription"
    return ports.storage.find(Query(Backlog, where=(Where(index, Match.EQUAL, name),), limit=limit, after=after))


def kept_subscription(ports: Ports, name: str) -> Subscription | Refusal:
    """A subscription as it stands. Refused with `subscription_not_found`. Raises `InvalidValue` for what is no name."""
    stored = ports.storage.load(Subscription, name)
    return subscription_not_found(name) if stored is None else stored.value


def subscriptions(ports: Ports, *, limit: int = 50, after: str = "") -> Page[Stored[Subscription]]:
    """All subscriptions, by name, page by page."""
    return ports.storage.find(Query(Subscription, limit=limit, after=after))
