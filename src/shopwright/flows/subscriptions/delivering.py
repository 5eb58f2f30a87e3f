"""Tell an outlet what happened: at least once, in order for each order, past orders that are stuck, with as many relays as one likes.

Rules
- SUBS-1: what was handed over is written down afterwards, so a crash in between hands it over again, and never nothing; its id is the same then;
- SUBS-2: of one key (an order) no notice is handed over for the first time before all earlier ones were, or were discarded by a person;
- SUBS-3: a notice that fails keeps those about its own key waiting and nobody else; it is tried again by `Retries`, and after its last try it is
  dead: it waits, with all behind it, for a person;
- SUBS-4: one relay works on a subscription at a time, as long as its lease goes; each of its writes names the version of the subscription that it
  wrote last, so one that lost its lease writes nothing more, and what it handed over meanwhile comes twice at worst;
- SUBS-5: where `OUTAGE` keys in a row fail, the outlet is taken to be out: nothing new is tried for a while (at most `REST`), and then one key first;
- an outlet that is closed (`OutletClosed`) pauses the subscription, and nothing is lost of what happens meanwhile;
- whatever an outlet raises is a failed try: its kind is kept, never its text, which may hold what nobody should read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, frozen

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.subscriptions.keeping import backlog_id, subscription_not_found
from shopwright.payments.errors import Throttled
from shopwright.ports.edge import check_limit
from shopwright.ports.outlets import Outlet, OutletClosed
from shopwright.ports.storage import Changeset, Committed, Drop, Match, Operation, Position, Put, Query, Recorded, Stored, Where
from shopwright.refusals import Refusal
from shopwright.wire.notices import notice_of
from shopwright.wire.subscription_kinds import Backlog, Subscription, SubscriptionState

OUTAGE = 5
"""So many keys that fail one after the other are no accident."""

REST = timedelta(minutes=5)
"""How long an outlet that is out is left alone at most."""

LEASE = timedelta(minutes=2)
"""How long a relay has a subscription to itself after each of its writes."""

PAGE = 200
"""How many records are read at once."""


@frozen(kw_only=True)
class Told:
    """What one run of a relay did: notices that were `delivered`, tries that `failed`, and of those the ones that are `dead` now.

    `busy` tells that another relay was at it, or came in between; `state` and `rests_until` how the subscription stands.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    busy: bool = False
    state: SubscriptionState = SubscriptionState.ACTIVE
    rests_until: datetime | None = None


def tell(ports: Ports, name: str, *, at: datetime, holder: str = "", limit: int = 100) -> Told | Refusal:
    """Tell a subscription's outlet what it was not told yet, in at most `limit` tries. Safe to repeat, and in several workers.

    A relay that takes the same `holder` after a crash goes on at once; any other waits until the lease is over. Refused with
    `subscription_not_found`. Raises `InvalidValue` for an outlet that the shop does not have, and for what is no holder or no limit.
    """
    at = moment(at)
    check_limit(limit)
    if problem := text_problem(holder, most=60):
        raise InvalidValue(f"the holder of a lease {problem}")
    if not isinstance(name, str):
        raise InvalidValue(f"expected the name of a subscription, got {name!r}")
    stored = ports.storage.load(Subscription, name)
    if stored is None:
        return subscription_not_found(name)
    outlet, it = ports.outlet(stored.value.outlet), stored.value
    is_leased = it.leased_until is not None and at < it.leased_until and it.holder != holder
    is_resting = it.rests_until is not None and at < it.rests_until
    is_left_over = bool(holder) and it.holder == holder  # the lease of a run that crashed is given back, also where nothing is left to do
    if it.state is not SubscriptionState.ACTIVE or is_leased or is_resting or not (is_left_over or _has_work(ports, it, at)):
        return Told(busy=is_leased, state=it.state, rests_until=it.rests_until)
    return _Run(ports, outlet, stored, holder or ports.ids.new_id(at), at, limit).done()


def _due(it: Subscription, at: datetime, limit: int) -> Query[Backlog]:
    """What waits and is due, the longest due first."""
    due = (Where("subscription", Match.EQUAL, it.name), Where("due_at", Match.AT_MOST, at))
    return Query(Backlog, where=due, order_by="due_at", limit=limit)


def _has_work(ports: Ports, it: Subscription, at: datetime) -> bool:
    """Whether there is anything to write about: a relay that asks again and again writes nothing while nothing happens."""
    return bool(ports.storage.read(it.stream, after=Position(it.position), limit=1)) or bool(ports.storage.find(_due(it, at, 1)).items)


class _Page:
    """A page of the stream as it is told: how far it has come, and what stands behind what from now on."""

    def __init__(self, it: Subscription, waits: Mapping[str, Stored[Backlog]]) -> None:
        self.it, self.position, self.waits = it, it.position, waits
        self.stuck: dict[str, Backlog] = {}
        self.fell = 0
        self.closed: OutletClosed | None = None

    def waiting(self, id: str) -> Backlog | None:
        """What waits under this id."""
        return self.stuck[id] if id in self.stuck else self.waits[id].value if id in self.waits else None

    @property
    def is_out(self) -> bool:
        """Whether one key after the other fails (SUBS-5)."""
        return self.fell >= (1 if self.it.failures else OUTAGE)

    def puts(self) -> tuple[Put, ...]:
        """The backlogs that have changed."""
        return tuple([Put(id, it, self.waits[id].version if id in self.waits else 0) for id, it in sorted(self.stuck.items())])


class _Run:
    """One relay at work on one subscription."""

    def __init__(self, ports: Ports, outlet: Outlet, stored: Stored[Subscription], holder: str, at: datetime, limit: int) -> None:
        self.ports, self.outlet, self.holder, self.at, self.left = ports, outlet, holder, at, limit
        self.subscription, self.version = stored.value, stored.version
        self.told = Told()

    def done(self) -> Told:
        """Take the lease, tell what is due, and give the lease back."""
        try:
            self._write(self.subscription)
            closed = self._catch_up() or self._go_on()
            if closed is not None:
                paused = evolve(self.subscription, state=SubscriptionState.PAUSED, why=f"closed {closed.raw_code}".strip()[:200])
                self._write(paused)
            self._write(evolve(self.subscription, holder="", leased_until=None), free=True)
        except VersionConflict:
            return evolve(self.told, busy=True)
        return evolve(self.told, state=self.subscription.state, rests_until=self.subscription.rests_until)

    def _catch_up(self) -> OutletClosed | None:
        """Try what waits and is due, until one key after the other fails."""
        fell = 0
        for stored in self.ports.storage.find(_due(self.subscription, self.at, PAGE)).items:
            if not self.left or fell >= OUTAGE:
                break
            problem = self._drained(stored)
            if isinstance(problem, OutletClosed):
                return problem
            fell = 0 if problem is None else fell + 1
        return None

    def _drained(self, stored: Stored[Backlog]) -> Exception | None:
        """Tell what waits about one key, in order, as far as it goes; what went wrong, if anything did."""
        it, problem = stored.value, None
        while it.number <= it.seen and self.left and problem is None:
            page = self.ports.storage.read(self.subscription.stream, after=Position(it.after), limit=PAGE, key=it.key)
            it, problem = self._through(it, page)
        id = backlog_id(it.subscription, it.key)
        if it.number > it.seen:
            self._write(self.subscription, drops=(Drop(Backlog, id),))
        elif it != stored.value:
            self._write(self.subscription, puts=(Put(id, it, stored.version),))
        return problem

    def _through(self, it: Backlog, page: Sequence[Recorded]) -> tuple[Backlog, Exception | None]:
        for recorded in page:
            if recorded.number > it.seen or not self.left:
                break
            problem = self._sent(recorded) if self._is_wanted(recorded) else None
            if isinstance(problem, OutletClosed):
                return it, problem
            if problem is not None:
                return self._stuck(recorded, it.after, it, problem), problem
            it = evolve(it, after=recorded.position, number=recorded.number + 1, tries=0, error="", due_at=self.at)
        return it, None

    def _go_on(self) -> OutletClosed | None:
        """Tell page after page of the stream, and leave to the backlogs what belongs behind them."""
        while self.left:
            it = self.subscription
            records = self.ports.storage.read(it.stream, after=Position(it.position), limit=PAGE)
            if not records:
                break
            page = _Page(it, self.ports.storage.load_many(Backlog, {backlog_id(it.name, recorded.key) for recorded in records}))
            for recorded in records:
                if not self._passed(page, recorded):
                    break
                page.position = recorded.position
            self._turn(page)
            if page.closed is not None or page.is_out:
                return page.closed
        return None

    def _passed(self, page: _Page, recorded: Recorded) -> bool:
        """Whether the page can go on behind this record: it was told, or is kept, or nobody wants it."""
        if not self._is_wanted(recorded) or recorded.at < page.it.since:
            return True
        id = backlog_id(page.it.name, recorded.key)
        waiting = page.waiting(id)
        if waiting is not None and recorded.number >= waiting.number:
            page.stuck[id] = evolve(waiting, seen=max(waiting.seen, recorded.number))
            return True
        if not self.left or page.is_out:
            return False
        problem = self._sent(recorded)
        if isinstance(problem, OutletClosed):
            page.closed = problem
            return False
        if problem is None:
            page.fell, page.it = 0, evolve(page.it, failures=0, rests_until=None)
        else:
            page.fell, page.stuck[id] = page.fell + 1, self._stuck(recorded, page.position, waiting, problem)
        return True

    def _turn(self, page: _Page) -> None:
        """Write how far a page was told."""
        it = evolve(page.it, position=page.position)
        if page.is_out:
            wait = min(it.retries.wait(it.name, it.failures + 1), REST)
            it = evolve(it, failures=it.failures + 1, rests_until=self.at + wait)
        if it != self.subscription or page.stuck:
            self._write(it, puts=page.puts())

    def _is_wanted(self, recorded: Recorded) -> bool:
        kinds = self.subscription.kinds
        return not kinds or self.ports.storage.kinds.record(type(recorded.value)).name in kinds

    def _sent(self, recorded: Recorded) -> Exception | None:
        """Hand over one notice; what went wrong, if anything did."""
        it = self.subscription
        notice = notice_of(recorded, self.ports.codec, subscription=it.name, plus=it.plus)
        self.left -= 1
        try:
            self.outlet.send(notice)
        except OutletClosed as closed:
            return closed
        except Exception as problem:  # noqa: BLE001  # an outlet is somebody else's code, and none of it may keep other orders waiting
            self.told = evolve(self.told, failed=self.told.failed + 1)
            return problem
        self.told = evolve(self.told, delivered=self.told.delivered + 1)
        return None

    def _stuck(self, recorded: Recorded, after: str, before: Backlog | None, problem: Exception) -> Backlog:
        """What waits behind a notice that failed once more (SUBS-3)."""
        it, at = self.subscription, self.at
        again = before is not None and before.number == recorded.number and before.tries > 0
        tries = (before.tries if before is not None and again else 0) + 1
        is_dead = tries >= it.retries.tries
        asked = problem.retry_after if isinstance(problem, Throttled) else None
        if is_dead:
            self.told = evolve(self.told, dead=self.told.dead + 1)
        return Backlog(
            subscription=it.name,
            key=recorded.key,
            after=after,
            number=recorded.number,
            seen=recorded.number if before is None else max(before.seen, recorded.number),
            type=self.ports.storage.kinds.record(type(recorded.value)).name,
            stuck_since=before.stuck_since if before is not None and again else at,
            tries=tries,
            error=f"{type(problem).__name__} {getattr(problem, 'raw_code', '')}".strip()[:200],
            due_at=None if is_dead else at + it.retries.wait(f"{it.name}/{recorded.key}/{recorded.number}", tries, asked=asked),
        )

    def _write(self, it: Subscription, *, puts: tuple[Put, ...] = (), drops: tuple[Drop, ...] = (), free: bool = False) -> None:
        """One step, which keeps the lease unless it is to be `free`. Raises `VersionConflict` when it is not this relay's any more (SUBS-4)."""
        kept = it if free else evolve(it, holder=self.holder, leased_until=self.at + LEASE)
        op = Operation(f"tell/{it.name}/{self.ports.ids.new_id(self.at)}", "tell")
        result = self.ports.storage.commit(Changeset(op, self.at, puts=(Put(it.name, kept, self.version), *puts), drops=drops))
        assert isinstance(result, Committed), "nothing of it moves quotas, and its indexes are not unique"
        self.subscription, self.version = kept, self.version + 1
