"""Points as the simplest thing that could be right: every single point is an object, and every question walks through all of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from attrs import define, field

from shopwright.loyalty.lots import Lot

NEVER = datetime.max.replace(tzinfo=UTC)


@define(eq=False)
class Point:
    """One point; `where` is open, gone, expired, or the id of a hold or a redemption with a mark before it."""

    lot: str
    where: str = "open"


@define
class Points:
    """All points there ever were, and the facts of their lots."""

    facts: dict[str, Lot] = field(factory=dict)
    every: list[Point] = field(factory=list)
    until: dict[str, datetime] = field(factory=dict)
    deficit: int = 0
    kept: dict[str, list[Point]] = field(factory=dict)
    """The points of a hold or a redemption, in the order in which they were taken."""
    undone: Counter[str] = field(factory=Counter)
    expired: Counter[str] = field(factory=Counter)

    def lapsed(self, point: Point, at: datetime) -> bool:
        return (self.facts[point.lot].expires_at or NEVER) <= at

    def pending(self, point: Point, at: datetime) -> bool:
        since = self.facts[point.lot].available_from
        return not self.lapsed(point, at) and (since is None or at < since)

    def good(self, point: Point, at: datetime) -> bool:
        return not self.lapsed(point, at) and not self.pending(point, at)

    def at(self, where: str) -> list[Point]:
        return [point for point in self.every if point.where == where]

    def sorted(self, points: list[Point]) -> list[Point]:
        def key(point: Point) -> tuple[int, datetime, datetime, str]:
            lot = self.facts[point.lot]
            return lot.rank, lot.expires_at or NEVER, lot.earned_at, lot.id

        return sorted(points, key=key)

    def free(self, at: datetime) -> list[Point]:
        return self.sorted([point for point in self.at("open") if self.good(point, at)])

    def come_back(self, points: list[Point], at: datetime) -> None:
        for point in points:
            if self.deficit and not self.lapsed(point, at):
                point.where, self.deficit = "gone", self.deficit - 1
            else:
                point.where = "open"

    def make_room(self, count: int, at: datetime) -> bool:
        """Release lapsed holds until there is enough; what was released stays so only where it was enough in the end."""
        before = {id(point): point.where for point in self.every}, self.deficit, dict(self.until), dict(self.kept)
        for hold in sorted(self.until, key=lambda it: (self.until[it], it)):
            if len(self.free(at)) >= count:
                break
            if self.until[hold] <= at:
                self.release(hold, at)
        if len(self.free(at)) >= count:
            return True
        places, self.deficit, self.until, self.kept = before
        for point in self.every:
            point.where = places[id(point)]
        return False

    def release(self, hold: str, at: datetime) -> None:
        del self.until[hold]
        self.come_back(self.kept.pop(hold), at)

    def take(self, points: list[Point], name: str) -> None:
        for point in points:
            point.where = name
        self.kept[name] = points

    def earn(self, lot: Lot) -> None:
        self.facts[lot.id] = lot
        points = [Point(lot.id) for _ in range(lot.points)]
        self.every += points
        for point in points[: self.deficit]:
            point.where, self.deficit = "gone", self.deficit - 1

    def expire(self, at: datetime) -> None:
        for point in self.at("open"):
            if self.lapsed(point, at):
                point.where = "expired"
                self.expired[point.lot] += 1

    def reverse(self, lot: str, count: int, reach: str, at: datetime) -> int:
        """Take points of a lot back; answers how many of those asked for it came to."""
        count = min(count, self.facts[lot].points - self.undone[lot])
        done = 0
        own = [point for point in self.at("open") if point.lot == lot]
        if reach == "only_pending":
            own = [point for point in own if self.pending(point, at)]
        for point in own[:count]:
            point.where, done = "gone", done + 1
        if reach != "only_pending":
            over = min(count - done, self.expired[lot])
            self.expired[lot] -= over
            done += over
            others = [point for point in self.sorted(self.at("open")) if point.lot != lot and not self.lapsed(point, at)]
            for point in sorted(others, key=lambda it: self.pending(it, at))[: count - done]:
                point.where, done = "gone", done + 1
            if reach == "unlimited":
                self.deficit, done = self.deficit + count - done, count
        self.undone[lot] += done
        return done

    def restore(self, redemption: str, count: int, at: datetime) -> int:
        left = [point for point in reversed(self.kept[redemption]) if point.where == redemption]
        self.come_back(left[:count], at)
        return len(left[:count])

    def send(self, points: list[Point], transfer: str, to: Points) -> None:
        """Points go to somebody else, each lot's as a lot of its own with the same times."""
        sizes: dict[str, int] = {}
        for point in points:
            point.where = "gone"
            sizes[point.lot] = sizes.get(point.lot, 0) + 1
        for n, (name, count) in enumerate(sizes.items(), 1):
            it = self.facts[name]
            to.earn(Lot(f"{transfer}/{n}", count, it.earned_at, available_from=it.available_from, expires_at=it.expires_at, rank=it.rank))

    def swallow(self, other: Points, at: datetime) -> None:
        """All of somebody else's points, and what was done to them, are here now; what both owe is filled from what both have."""
        self.facts |= other.facts
        self.every += other.every
        self.until |= other.until
        self.kept |= other.kept
        self.undone.update(other.undone)
        self.expired.update(other.expired)
        self.deficit += other.deficit
        good = [point for point in self.sorted(self.at("open")) if not self.lapsed(point, at)]
        for point in sorted(good, key=lambda it: self.pending(it, at))[: self.deficit]:
            point.where, self.deficit = "gone", self.deficit - 1
