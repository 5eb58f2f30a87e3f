"""The ledger of points does what counting every single point does, whatever happens to it and in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, precondition, rule

from shopwright.loyalty import (
    Account,
    Cause,
    Earning,
    EndOf,
    ExpiresAfter,
    Lot,
    Posted,
    Recourse,
    Redemption,
    activate,
    earn,
    expire,
    expiring,
    extend,
    fold,
    hold,
    redeem,
    redeem_held,
    redemption_in,
    release,
    restore,
    reverse,
)
from shopwright.loyalty.cohorts import count
from shopwright.loyalty.lots import cut, total
from shopwright.refusals import Refusal
from tests.properties.points_model import Points

BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2036, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 28, 9, tzinfo=UTC)  # a day before clocks change there
WHY = Cause(source="a test")
HOUR = timedelta(hours=1)

counts = st.integers(1, 12)
waits = st.sampled_from((0, 0, 0, 20, None))
lives = st.one_of(st.builds(ExpiresAfter, st.just(BERLIN), days=st.integers(1, 3)), st.none())


class PointsMachine(RuleBasedStateMachine):
    """One account, beside every single point of it."""

    lots: Bundle[str] = Bundle("lots")
    holds: Bundle[str] = Bundle("holds")
    redemptions: Bundle[str] = Bundle("redemptions")

    @initialize()
    def begin(self) -> None:
        self.account = Account("member-1")
        self.model = Points()
        self.now = START
        self.entries: list[object] = []
        self.earnings: dict[str, Earning] = {}
        self.spent: dict[str, Redemption] = {}
        self.number = 0

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}-{self.number:03}"

    def post(self, posted: Posted) -> None:
        self.account = posted.account
        self.entries += posted.entries
        self.earnings = {id: it.after(posted.entries) for id, it in self.earnings.items()}

    @rule(hours=st.integers(-5, 40))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(target=lots, points=st.integers(1, 6), wait=waits, life=lives, rank=st.integers(0, 1))
    def earned(self, points: int, wait: int | None, life: ExpiresAfter | None, rank: int) -> str:
        since = None if wait is None else self.now + wait * HOUR
        expires_at = None if life is None else life.expires_at(since or self.now)
        lot = Lot(self.name("lot"), points, self.now, available_from=since, expires_at=expires_at, rank=rank)
        self.model.earn(lot)
        self.earnings[lot.id] = Earning(lot=lot)
        self.post(earn(self.account, lot, cause=WHY, at=self.now))
        return lot.id

    @rule(lot=lots)
    def activated(self, lot: str) -> None:
        facts = self.model.facts[lot]
        since = max(self.now, facts.earned_at)
        keeps = facts.expires_at if facts.expires_at is None or facts.expires_at > since else since + HOUR
        posted = activate(self.account, lot, available_from=since, expires_at=keeps, cause=WHY, at=self.now)
        if isinstance(posted, Refusal):
            assert (posted.code, [point for point in self.model.at("open") if point.lot == lot]) == ("lot_unknown", [])
            return
        if facts.available_from is None:
            self.model.facts[lot] = Lot(lot, facts.points, facts.earned_at, available_from=since, expires_at=keeps, rank=facts.rank)
        self.post(posted)

    @rule(target=holds, points=counts, hours=st.integers(1, 30))
    def held(self, points: int, hours: int) -> Any:
        name = self.name("hold")
        posted = hold(self.account, name, points, until=self.now + hours * HOUR, cause=WHY, at=self.now)
        if not self.model.make_room(points, self.now):
            assert isinstance(posted, Refusal)
            assert (posted.code, posted.fact("wanted")) == ("points_short", points)
            return multiple()
        assert isinstance(posted, Posted)
        self.model.take(self.model.free(self.now)[:points], name)
        self.model.until[name] = self.now + hours * HOUR
        self.post(posted)
        return name

    @rule(name=consumes(holds))
    def released(self, name: str) -> None:
        posted = release(self.account, name, cause=WHY, at=self.now)
        if name not in self.model.until:
            assert isinstance(posted, Refusal)
            assert posted.code == "hold_unknown"
            return
        assert isinstance(posted, Posted)
        self.model.release(name, self.now)
        self.post(posted)

    @rule(target=redemptions, points=counts)
    def redeemed(self, points: int) -> Any:
        name = self.name("redemption")
        posted = redeem(self.account, name, points, cause=WHY, at=self.now)
        if not self.model.make_room(points, self.now):
            assert isinstance(posted, Refusal)
            assert posted.code == "points_short"
            return multiple()
        assert isinstance(posted, Posted)
        self.model.take(self.model.free(self.now)[:points], name)
        self.post(posted)
        self.spend(name, posted)
        return name

    @rule(target=redemptions, name=consumes(holds), points=counts)
    def redeemed_under_a_hold(self, name: str, points: int) -> Any:
        redemption = self.name("redemption")
        posted = redeem_held(self.account, name, points, redemption_id=redemption, cause=WHY, at=self.now)
        kept = self.model.kept.get(name, [])
        if len(kept) < points or name not in self.model.until:
            assert isinstance(posted, Refusal)
            assert posted.code == ("points_short" if name in self.model.until else "hold_unknown")
            return multiple()
        assert isinstance(posted, Posted)
        del self.model.until[name], self.model.kept[name]
        self.model.take(kept[:points], redemption)
        self.model.come_back(kept[points:], self.now)
        self.post(posted)
        self.spend(redemption, posted)
        return redemption

    def spend(self, name: str, posted: Posted) -> None:
        self.spent[name] = redemption_in(posted)
        assert (self.spent[name].id, total(self.spent[name].parts)) == (name, len(self.model.at(name)))  # POINTS-4

    @rule(name=redemptions, points=counts)
    def restored(self, name: str, points: int) -> None:
        posted, after = restore(self.account, self.spent[name], points, key=self.name("key"), cause=WHY, at=self.now)
        assert after.restorings[-1].points == self.model.restore(name, points, self.now)  # POINTS-8
        self.spent[name] = after
        self.post(posted)

    @rule(lot=lots, points=counts, recourse=st.sampled_from(Recourse))
    def reversed(self, lot: str, points: int, recourse: Recourse) -> None:
        key = self.name("key")
        posted, after = reverse(self.account, self.earnings[lot], points, key=key, recourse=recourse, cause=WHY, at=self.now)
        self.earnings[lot] = after
        self.post(posted)
        assert after.reversals[-1].points == self.model.reverse(lot, points, recourse.value, self.now)  # POINTS-7
        again = reverse(self.account, after, points, key=key, recourse=recourse, cause=WHY, at=self.now)
        assert again == (Posted(self.account), after)

    @rule()
    def expired(self) -> None:
        self.post(expire(self.account, cause=WHY, at=self.now))
        self.model.expire(self.now)
        assert expire(self.account, cause=WHY, at=self.now) == Posted(self.account)

    @rule(lot=lots, days=st.integers(1, 3))
    def extended(self, lot: str, days: int) -> None:
        there, facts = self.account.lot(lot), self.model.facts[lot]
        if there is None or there.expires_at is None:
            return
        later = there.expires_at + timedelta(days=days)
        posted = extend(self.account, lot, expires_at=later, cause=WHY, at=self.now)
        if there.has_lapsed(self.now):
            assert isinstance(posted, Refusal)
            assert posted.code == "lot_lapsed"
            return
        assert isinstance(posted, Posted)
        self.model.facts[lot] = Lot(lot, facts.points, facts.earned_at, available_from=facts.available_from, expires_at=later, rank=facts.rank)
        self.post(posted)

    @invariant()
    @precondition(lambda self: hasattr(self, "account"))
    def agrees_with_every_single_point(self) -> None:
        model, now = self.model, self.now
        over = [point for hold, until in model.until.items() if until <= now for point in model.kept[hold]]
        free = [*model.at("open"), *over]
        balance = self.account.balance(now)
        assert balance.available == sum(model.good(point, now) for point in free)
        assert balance.pending == sum(model.pending(point, now) for point in free)
        assert balance.lapsed == sum(model.lapsed(point, now) for point in free)
        assert balance.held == sum(len(model.kept[hold]) for hold, until in model.until.items() if until > now)
        assert balance.deficit == model.deficit  # POINTS-3
        assert Counter({lot.id: lot.points for lot in self.account.lots}) == Counter(point.lot for point in model.at("open"))

    @invariant()
    @precondition(lambda self: hasattr(self, "account"))
    def keeps_its_books(self) -> None:
        assert fold("member-1", self.entries) == self.account  # type: ignore[arg-type]  # a list of entries
        assert self.account.points == sum(entry.change for entry in self.entries)  # type: ignore[attr-defined]  # POINTS-1
        ahead = [it.points for it in expiring(self.account, at=self.now)]
        good = [lot for lot in self.account.lots if not lot.has_lapsed(self.now)]
        assert sum(ahead) == total(good)  # POINTS-12
        cohorts = count([("member-1", entry) for entry in self.entries], as_of=END, zone=BERLIN, unit=EndOf.DAY)  # type: ignore[misc]  # a list of entries
        assert sum(it.outstanding for it in cohorts) - self.account.deficit == self.account.points  # POINTS-13
        assert sum(it.pending for it in cohorts) == self.account.balance(END).pending
        assert all(min(it.given, it.redeemed, it.expired, it.outstanding) >= 0 for it in cohorts)
        assert all(it.reversible >= 0 for it in self.earnings.values())
        assert all(cut(it.left, 1) or not it.left for it in self.spent.values())


TestPoints = PointsMachine.TestCase
