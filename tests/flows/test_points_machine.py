"""Points of a shop, on any storage, do what counting every single point does: whatever is asked, twice, late or in another order, by two at
once, with clocks that go back and change for summer, and processes that die at any call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule, run_state_machine_as_test

from shopwright import Refusal, Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.flows.commands import Command
from shopwright.flows.points import commands as p
from shopwright.flows.saving import operation
from shopwright.loyalty import ExpiresAfter, Recourse, account_id
from shopwright.ports.storage import Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.faults import Crash
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK
from tests.flows.pointed import VERBS
from tests.flows.points_world import CONFLICT, DONE, MISUSE, World, check_books, found, told
from tests.flows.scoped_worlds import scoped_worlds
from tests.flows.town import Meddling, die
from tests.surroundings import tries

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 28, 9, tzinfo=UTC)  # a day before clocks change there
HOUR = timedelta(hours=1)

members = st.sampled_from(("ann", "bob", "guest"))
accounts = members.map(account_id)
lots, redemptions, holds, transfers = (st.sampled_from([f"{name}{n}" for n in range(size)]) for name, size in zip("lrht", (9, 6, 4, 3), strict=True))
credited = st.one_of(lots, lots, lots, st.sampled_from(("t0/1", "t1/1", "t2/2")))
counts = st.integers(1, 9)
lives = st.one_of(st.none(), st.builds(ExpiresAfter, st.just(BERLIN), days=st.integers(1, 3)))

FACTS: dict[type[Command], dict[str, st.SearchStrategy[Any]]] = {
    p.GrantPoints: {"lot_id": lots, "points": st.integers(1, 20), "rank": st.integers(0, 1)},
    p.ActivatePoints: {"lot_id": lots},
    p.HoldPoints: {"hold_id": holds, "points": counts},
    p.ReleasePoints: {"hold_id": holds},
    p.RedeemPoints: {"redemption_id": redemptions, "points": counts},
    p.RedeemHeldPoints: {"hold_id": holds, "redemption_id": redemptions, "points": st.integers(1, 4)},
    p.RestorePoints: {"redemption_id": redemptions, "points": counts},
    p.ReversePoints: {"lot_id": credited, "points": counts, "recourse": st.sampled_from(Recourse)},
    p.TransferPoints: {"to_account_id": accounts, "transfer_id": transfers, "points": counts},
}


@frozen
class Wish:
    """What somebody wants. With an `aim` it is about something that is there, where there is such a thing."""

    kind: type[Command]
    facts: dict[str, Any]
    wait: int | None
    life: ExpiresAfter | None
    hours: int
    aim: int | None


def _wishes(kind: type[Command]) -> st.SearchStrategy[Wish]:
    facts = st.fixed_dictionaries({"account_id": accounts, **FACTS[kind]})
    aim = st.one_of(st.none(), *[st.integers(0, 30)] * 3)
    return st.builds(Wish, st.just(kind), facts, st.sampled_from((0, 0, 0, 20, None)), lives, st.integers(1, 30), aim)


KINDS_OF_WISHES: list[type[Command]] = [p.GrantPoints, p.GrantPoints, *FACTS]
wishes = st.sampled_from(KINDS_OF_WISHES).flatmap(_wishes)


class PointsShopMachine(RuleBasedStateMachine):
    """Two shops over one storage, the first of which is meddled with, beside every single point of all members."""

    letters: Bundle[Command] = Bundle("letters")
    opened: ClassVar[Callable[[], Storage]] = lambda: MemoryStorage(KINDS)
    _numbers: ClassVar[Any] = count(1)

    @initialize(target=letters, grants=st.lists(_wishes(p.GrantPoints), min_size=3, max_size=6))
    def begin(self, grants: list[Wish]) -> Any:
        self.storage, self.clock, self.faults = type(self).opened(), FrozenClock(START), Meddling()
        self.shop = Shop(self.faults.wrap(self.storage), clock=self.clock, ids=SeededIds(1))
        self.other = Shop(self.storage, clock=self.clock, ids=SeededIds(2))
        self.world = World()
        return multiple(*[self.asked(evolve(wish, aim=0)) for wish in grants])

    @rule(hours=st.integers(-5, 40))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)

    @rule(target=letters, wish=wishes)
    def asked(self, wish: Wish) -> Command:
        command = self.command(wish)
        self.settle([self.send(self.shop, command)], command)
        return command

    @rule(target=letters, member=members, into=members, really=st.integers(0, 5))
    def merged(self, member: str, into: str, really: int) -> Any:
        if really:  # else all members were one before anything has happened
            return multiple()
        command = p.MergePoints(key=self.key(), by=CLERK, member_id=member, into_member_id=into if into != member else "somebody")
        self.settle([self.send(self.shop, command)], command)
        return command

    @rule(letter=letters)
    def comes_again(self, letter: Command) -> None:
        """It was done, and nothing happens; or it came too early, and may be done now."""
        self.settle([self.send(self.shop, letter)], letter)

    @rule(letter=letters)
    def another_comes_under_the_same_key(self, letter: Command) -> None:
        """Whichever is done first, the other is a conflict."""
        other = evolve(letter, reason=self.key())  # type: ignore[call-arg]  # all commands about points have one
        self.settle([self.send(self.shop, other)], other)

    @rule(target=letters, wish=wishes, call=st.integers(1, 5), after=st.booleans(), again=st.booleans())
    def the_process_dies(self, wish: Wish, call: int, after: bool, again: bool) -> Command:
        command = self.command(wish)
        self.faults.meddle_at(call, die, after=after)
        try:
            outcome = self.send(self.shop, command)
        except Crash:
            self.faults.heal()
            outcome = self.send(self.other, command) if again else ""
        self.faults.heal()
        if outcome:
            self.settle([outcome], command)
        elif self.storage.answered(operation(self.other.ports, command, "")) is not None:
            self.settle([DONE], command)
        else:
            self.settle([])
        return command

    @rule(letter=letters, wish=wishes, call=st.integers(1, 5), after=st.booleans())
    def two_act_at_once(self, letter: Command, wish: Wish, call: int, after: bool) -> None:
        """Whatever comes of it, it is as if one had come after the other."""
        command, theirs = self.command(wish), list[str]()
        self.faults.meddle_at(call, lambda: theirs.append(self.send(self.other, letter)), after=after)
        ours = self.send(self.shop, command)
        self.faults.heal()
        if not theirs:
            theirs.append(self.send(self.other, letter))
        now = self.clock.now()
        first, answers = self.world.after(command, letter, at=now)
        second, turned = self.world.after(letter, command, at=now)
        orders = [world for world, told in ((first, answers), (second, turned[::-1])) if told == [ours, theirs[0]]]
        assert orders, f"{command} came to {ours} and {letter} to {theirs[0]}, expected {answers} or {turned[::-1]}"
        self.settle_on(*orders)

    @rule(call=st.integers(1, 9), after=st.booleans(), letter=st.one_of(st.none(), letters))
    def swept(self, call: int, after: bool, letter: Command | None) -> None:
        """A sweep during which somebody acts or the process dies, and the next one, which comes through."""
        outcome = list[str]()
        act = die if letter is None else lambda: outcome.append(self.send(self.other, letter))
        self.faults.meddle_at(call, act, after=after)
        with suppress(Crash):
            self.shop.points.expire()
        self.faults.heal()
        assert self.other.points.expire() >= 0
        assert self.shop.points.expire() == 0
        now = self.clock.now()
        if letter is None or not outcome:
            self.world.sweep(now)
            self.settle_on(self.world)
            return
        early, answer = self.world.after(letter, at=now)
        early.sweep(now)
        late, _ = self.world.after(at=now)
        late.sweep(now)
        turned = late.apply(letter, now)
        late.sweep(now)
        self.settle_on(*[world for world, told in ((early, answer[0]), (late, turned)) if told == outcome[0]])

    def command(self, wish: Wish) -> Command:
        facts, now = dict(wish.facts), self.clock.now()
        if wish.aim is not None:
            facts |= self.aimed(wish.kind, wish.aim)
        if wish.kind is p.TransferPoints and facts["account_id"] == facts["to_account_id"]:
            facts["to_account_id"] = "points/somebody"
        if wish.kind is p.GrantPoints:
            since = None if wish.wait is None else now + wish.wait * HOUR
            expires_at = None if wish.life is None else wish.life.expires_at(since or now)
            facts |= {"wait": wish.wait is None, "available_from": since, "expires_at": expires_at, "earned_at": now}
        if wish.kind is p.HoldPoints:
            facts["until"] = now + wish.hours * HOUR
        return wish.kind(key=self.key(), by=CLERK, **facts)

    def aimed(self, kind: type[Command], aim: int) -> dict[str, Any]:
        """The facts of a thing that is there: a lot, a hold, a redemption, or an account with points to spend."""
        world, now = self.world, self.clock.now()
        things: list[dict[str, Any]]
        if kind is p.GrantPoints:
            things = [{"lot_id": lot} for lot in (f"l{n}" for n in range(9)) if lot not in world.lots]
        elif kind in (p.ActivatePoints, p.ReversePoints):
            things = [{"lot_id": lot, "account_id": id} for lot, id in world.lots.items()]
        elif kind is p.RestorePoints:
            things = [{"redemption_id": redemption, "account_id": id} for redemption, id in world.redemptions.items()]
        elif kind in (p.ReleasePoints, p.RedeemHeldPoints):
            things = [{"hold_id": hold, "account_id": id} for id, mine in world.accounts.items() for hold in mine.until]
        else:
            things = [{"account_id": id} for id, mine in world.accounts.items() if mine.free(now)]
        return things[aim % len(things)] if things else {}

    def key(self) -> str:
        return f"key-{next(self._numbers)}"

    def send(self, shop: Shop, command: Command) -> str:
        """What a command comes to at a shop, in the words of the world."""
        try:
            answer = getattr(shop.points, VERBS[type(command)])(command)
        except InvalidValue:
            return MISUSE
        except KeyConflict:
            return CONFLICT
        return answer.code if isinstance(answer, Refusal) else DONE

    def settle(self, outcomes: list[str], *commands: Command) -> None:
        """The world must come to the same, and then be the same."""
        world, answers = self.world.after(*commands, at=self.clock.now())
        assert outcomes == answers, f"{commands} came to {outcomes}, expected {answers}"
        self.settle_on(world)

    def settle_on(self, *worlds: World) -> None:
        """One of these worlds must be the one that is; it is from now on."""
        now = self.clock.now()
        seen = found(self.storage, now)
        fitting = [world for world in worlds if told(world, now) == seen]
        assert fitting, f"found {seen}, expected {[told(world, now) for world in worlds]}"
        self.world = fitting[0]

    @invariant()
    def the_books_are_right(self) -> None:
        if hasattr(self, "world"):
            check_books(self.storage, self.clock.now())

    def teardown(self) -> None:
        if hasattr(self, "storage"):
            self.storage.close()


PACE = settings(stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
TestPoints = PointsShopMachine.TestCase
TestPoints.settings = settings(PACE, max_examples=tries(40, full=80))


@pytest.mark.full
def test_points_are_right_for_a_long_time() -> None:
    run_state_machine_as_test(PointsShopMachine, settings=settings(PACE, max_examples=300, stateful_step_count=40))


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("runs", [6, pytest.param(60, marks=pytest.mark.full)])
def test_points_are_right_on_databases(where: str, runs: int, request: pytest.FixtureRequest) -> None:
    with scoped_worlds(where, request) as opened_world:

        class Machine(PointsShopMachine):
            opened = staticmethod(opened_world)

        run_state_machine_as_test(Machine, settings=settings(PACE, max_examples=runs, stateful_step_count=20))
