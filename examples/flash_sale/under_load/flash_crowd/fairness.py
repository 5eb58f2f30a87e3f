"""How fair a rush was, reckoned from what became of each visit.

Rules
- a perfect queue serves whoever came first, as long as there is something left; how near a rush came is the share of pairs of one who was served and
  one who found it sold out in which the served one had come earlier: 1 is a queue, 1/2 is a lottery;
- who has as many as a member may have counts in neither: they were told the truth, whenever they came;
- waiting is from coming to being told, for all of them, with what the door costs.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from attrs import frozen

from flash_crowd.buying import Ended, Outcome


@frozen(kw_only=True)
class Fairness:
    """`kept_order`: of the pairs served and not, in how many the served one came first. `in_turn`: of the pairs that were served, in how many the one
    who came first was told first. `waits`: seconds that half of all waited at most, 99 in 100, and the longest. `by_tenth`: the share of visits that
    were served, of the first tenth to come, the second, and so on. `above_share`: members who have more than they may.
    """

    kept_order: float
    in_turn: float
    waits: tuple[float, float, float]
    by_tenth: tuple[float, ...]
    above_share: tuple[str, ...]


def fairness(outcomes: Iterable[Outcome], *, share: int, held: Iterable[tuple[str, int]]) -> Fairness:
    """How fair it was; `held` are the members and units of all orders that stand."""
    all_of_them = sorted(outcomes, key=lambda it: (it.came, it.visit.number))
    waited = sorted(it.waited for it in all_of_them)
    queued = [it for it in all_of_them if it.ended is not Ended.HAS_THEIRS]
    had: Counter[str] = Counter()
    for member, units in held:
        had[member] += units
    return Fairness(
        kept_order=_kept([it.ended is Ended.SERVED for it in queued]),
        in_turn=_in_turn([it.answered for it in queued if it.ended is Ended.SERVED]),
        waits=(_at(waited, 50), _at(waited, 99), _at(waited, 100)),
        by_tenth=_by_tenth([it.ended is Ended.SERVED for it in queued]),
        above_share=tuple(sorted(member for member, units in had.items() if units > share)),
    )


def _kept(served: Sequence[bool]) -> float:
    """Of the pairs of a served and an unserved visit, the share in which the served one came first; 1 where there are none."""
    before, kept = 0, 0
    for each in served:
        before += each
        kept += 0 if each else before
    pairs = before * (len(served) - before)
    return kept / pairs if pairs else 1.0


def _in_turn(answered: Sequence[float]) -> float:
    """Of the pairs of moments, the share that are in order."""
    seen: list[float] = []
    kept = 0
    for moment in answered:
        kept += bisect_left(seen, moment)
        insort(seen, moment)
    pairs = len(seen) * (len(seen) - 1) // 2
    return kept / pairs if pairs else 1.0


def _at(ordered: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed; nothing of nothing."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0


def _by_tenth(served: Sequence[bool]) -> tuple[float, ...]:
    bounds = [len(served) * part // 10 for part in range(11)]
    tenths = [served[start:end] for start, end in pairwise(bounds)]
    return tuple([sum(tenth) / len(tenth) if tenth else 0.0 for tenth in tenths])
