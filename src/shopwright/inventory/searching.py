"""The search of the planner: branch and bound over which location serves which item, with a proof or an honest bound.

Rules
- a branch is left when what it weighs already, what the rest weighs at least, and the parcels that must still be opened reach the best plan;
- items that no open location can serve, and that no location could serve together, each need a parcel of their own;
- where lines may be split, each source but the last gives all that it has: costs are linear between a source's bends, so a best plan is
  among those;
- the branch that weighs least is tried first, and of equal ones the first by id, so that the same question gives the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from shopwright.inventory.weighing import Item, Question, Source

Move = tuple[int, int, int, int, int, bool]
"""A branch: what it weighs at least in all, what it adds, the place, the units, the position of the source, and whether the item is served."""

Frame = tuple[Iterator[Move], int, int, int, int]
"""An open node: its branches, the item, how much of it is left, what it weighs, and a bit for each open place."""


@frozen
class Segment:
    """Units at one place that weigh the same each, and how many of that place go before them."""

    place: int
    units: int
    unit: int
    before: int = 0


@frozen
class Found:
    """What a search found: for each item the places with their units, what it weighs, and what no plan can weigh less than."""

    taken: tuple[tuple[tuple[int, int], ...], ...]
    weight: int
    bound: int


class Search:
    """One search. It is used once: make it, then `run`. Plain lists, because it takes and puts back at every step."""

    def __init__(self, asked: Question) -> None:
        self.items, self.opening, self.steps = asked.items, asked.opening, asked.policy.steps
        self.most = asked.policy.most_parcels or len(asked.places)
        self.whole = not asked.policy.split_lines
        self.segments = [() if self.whole else tuple(_segments(item)) for item in self.items]
        self.rest = [0]
        for item in reversed(self.items):
            self.rest.append(self.rest[-1] + self._least(item))
        self.rest.reverse()
        self.open = [min([self.opening[source.place] for source in item.sources], default=0) for item in self.items]
        self.given: dict[tuple[str, int], int] = {}
        self.needs: dict[tuple[int, int], tuple[int, int]] = {}
        self.best: int | None = None
        self.exhausted = False
        self.plan: tuple[tuple[tuple[int, int], ...], ...] = ()

    def run(self) -> Found | None:
        """The best plan that was found; `None` where there is none, or `steps` were too few to find one (then `exhausted`)."""
        self._greedy()
        bound = self._search()
        if self.best is None:
            return None
        return Found(self.plan, self.best, self.best if bound is None else min(bound, self.best))

    def _search(self) -> int | None:
        """Try all branches that could be better; the least weight of what was not tried, where the steps did not suffice."""
        path: list[Move] = []
        stack = [self._frame(0, self.items[0].quantity, -1, 0, 0)]
        steps = self.steps
        while stack:
            moves, place, left, weight, opened = stack[-1]
            move = next(moves, None)
            if move is None or (self.best is not None and move[0] >= self.best):
                stack.pop()
                if path:
                    self._give(stack[-1][1], path[-1][2], -path.pop()[3])
                continue
            if steps <= 0:
                self.exhausted = True
                return min([move[0], *[untried[0] for frame in stack if (untried := next(frame[0], None)) is not None]])
            steps -= 1
            _, added, at, units, source, served = move
            if served and place + 1 == len(self.items):
                self._keep([*path, move], weight + added)
                continue
            path.append(move)
            self._give(place, at, units)
            if served:
                stack.append(self._frame(place + 1, self.items[place + 1].quantity, -1, weight + added, opened | 1 << at))
            else:
                stack.append(self._frame(place, left - units, source, weight + added, opened | 1 << at))
        return None

    def _frame(self, place: int, left: int, after: int, weight: int, opened: int) -> Frame:
        """The branches of an item, or of what is left of it, that could be better than the best, the lightest first."""
        found = self._whole_moves(place, weight, opened) if self.whole else self._split_moves(place, left, after, weight, opened)
        return iter(sorted(found)), place, left, weight, opened

    def _give(self, place: int, at: int, units: int) -> None:
        """So many units of an item come from there; below zero they come back."""
        key = (self.items[place].sku, at)
        self.given[key] = self.given.get(key, 0) + units

    def _keep(self, path: list[Move], weight: int) -> None:
        """This plan is the best so far."""
        taken: list[dict[int, int]] = [{}]
        for _, _, at, units, _, served in path:
            taken[-1][at] = taken[-1].get(at, 0) + units
            if served:
                taken.append({})
        self.best, self.plan = weight, tuple([tuple(each.items()) for each in taken[: len(self.items)]])

    def _whole_moves(self, place: int, weight: int, opened: int) -> Iterator[Move]:
        item, best = self.items[place], self.best
        rest = self.rest[place + 1]
        for position, source in enumerate(item.sources):
            before = self.given.get((item.sku, source.place), 0)
            if source.available - before < item.quantity:
                continue
            added, now = source.weight(item.quantity, before), opened | 1 << source.place
            if now != opened:
                added += self.opening[source.place]
            least = weight + added + rest
            if best is not None and least >= best:
                continue
            more, parcels = self._needed(place + 1, now)
            if now.bit_count() + parcels <= self.most:
                yield least + more, added, source.place, item.quantity, position, True

    def _split_moves(self, place: int, left: int, after: int, weight: int, opened: int) -> Iterator[Move]:
        segments, best = self.segments[place], self.best
        cheapest = segments[0].unit
        for position, segment in enumerate(segments):
            served = segment.units >= left
            if (position <= after and not served) or self.given.get((self.items[place].sku, segment.place), 0) != segment.before:
                continue
            units, now = min(left, segment.units), opened | 1 << segment.place
            added = units * segment.unit + (0 if now == opened else self.opening[segment.place])
            least = weight + added + (left - units) * cheapest + self.rest[place + 1]
            if best is not None and least >= best:
                continue
            more, parcels = self._needed(place + 1, now)
            if now.bit_count() + parcels <= self.most:
                yield least + more, added, segment.place, units, position, served

    def _needed(self, place: int, opened: int) -> tuple[int, int]:
        """What the parcels weigh at least, and how many they are, that the items from here on need beside the open ones."""
        known = self.needs.get((place, opened))
        if known is not None:
            return known
        weight, count, others = 0, 0, opened
        for item, least in zip(self.items[place:], self.open[place:], strict=True):
            if not item.can & others:
                weight, count, others = weight + least, count + 1, others | item.can
        self.needs[place, opened] = weight, count
        return weight, count

    def _least(self, item: Item) -> int:
        """What an item weighs at least, its parcels aside."""
        if self.whole:
            return min([source.weight(item.quantity) for source in item.sources], default=0)
        left, weight = item.quantity, 0
        for segment in _segments(item):
            units = min(left, segment.units)
            left, weight = left - units, weight + units * segment.unit
        return weight

    def _greedy(self) -> None:
        """A first plan: for each item what adds least per unit. Finds none where lines are whole or parcels few, and that does not fit."""
        opened, total, given = 0, 0, dict[tuple[str, int], int]()
        taken: list[tuple[tuple[int, int], ...]] = []
        for item in self.items:
            left, parts = item.quantity, dict[int, int]()
            while left:
                step = min([self._offer(item, source, left, opened, given) for source in item.sources], default=_NOTHING)
                if step == _NOTHING:
                    return
                _, at, units, added = step
                opened, total, left = opened | 1 << at, total + added, left - units
                given[item.sku, at] = given.get((item.sku, at), 0) + units
                parts[at] = parts.get(at, 0) + units
            taken.append(tuple(parts.items()))
        if opened.bit_count() <= self.most:
            self.best, self.plan = total, tuple(taken)

    def _offer(self, item: Item, source: Source, left: int, opened: int, given: dict[tuple[str, int], int]) -> tuple[int, int, int, int]:
        """What a source offers of what is left: the weight per unit, the place, the units, and what they add."""
        before = given.get((item.sku, source.place), 0)
        units = min(left, source.available - before)
        if units <= 0 or (self.whole and units < left):
            return _NOTHING
        added = source.weight(units, before) + (0 if opened >> source.place & 1 else self.opening[source.place])
        return -(-added // units), source.place, units, added


_NOTHING = (1 << 10_000, 0, 0, 0)


def _segments(item: Item) -> list[Segment]:
    """The sources of an item where lines may be split: what is plenty, and what leaves a place short; the lightest units first."""
    found = []
    for source in item.sources:
        if source.unit == source.short_unit:
            found.append(Segment(source.place, source.available, source.unit))
            continue
        if source.plenty:
            found.append(Segment(source.place, source.plenty, source.unit))
        if source.plenty < source.available:
            found.append(Segment(source.place, source.available - source.plenty, source.short_unit, source.plenty))
    return sorted(found, key=lambda it: (it.unit, it.place))
