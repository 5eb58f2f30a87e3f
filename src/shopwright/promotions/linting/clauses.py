"""Conditions in a normal form: which conditions that look at the basket must hold, must surely fail, or must not do so, in every way there is.

Rules
- a condition holds, surely fails, or is unknown where something is not known; `NOT_TRUE` is to fail or to be unknown, `NOT_FALSE` to hold or
  to be unknown;
- the normal form says the same as the tree: it holds when all literals of at least one clause do;
- a condition of a plug-in is a literal like any other; what its `may_hold` says, a condition that holds whenever it does, is joined to it;
- a tree with more than 4,000 clauses has no normal form here, and `None` is given: nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import frozen

from shopwright.promotions.conditions import All, AnyOf, Condition, Not

MOST_CLAUSES = 4_000


class Truth(Enum):
    """What is asked of a condition."""

    TRUE = "true"
    FALSE = "false"
    NOT_TRUE = "not_true"
    NOT_FALSE = "not_false"


@frozen
class Literal:
    """What is asked of one condition that has no parts."""

    atom: Any
    truth: Truth


Clause = frozenset[Literal]
_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.NOT_TRUE: Truth.NOT_FALSE, Truth.NOT_FALSE: Truth.NOT_TRUE}
_CONTRARY = ({Truth.TRUE, Truth.FALSE}, {Truth.TRUE, Truth.NOT_TRUE}, {Truth.FALSE, Truth.NOT_FALSE})


def clauses_of(asked: Iterable[tuple[Condition, Truth]]) -> list[Clause] | None:
    """The clauses of which one must hold for all of this to be as it is asked; `None` for too many."""
    found: list[Clause] | None = [frozenset()]
    for condition, truth in asked:
        found = _product(found, _clauses(condition, truth))
    return found


def _clauses(condition: Any, truth: Truth) -> list[Clause] | None:
    if isinstance(condition, Not):
        return _clauses(condition.of, _OPPOSITE[truth])
    if isinstance(condition, All | AnyOf):
        # All parts, or one of them: an All holds when all do, and does not fail when none does; for an AnyOf it is the other way round.
        together = isinstance(condition, All) is (truth in {Truth.TRUE, Truth.NOT_FALSE})
        return _every(condition.of, truth) if together else _either(condition.of, truth)
    alone: list[Clause] = [frozenset((Literal(condition, truth),))]
    declared = getattr(condition, "may_hold", None)
    return _product(alone, _clauses(declared, Truth.TRUE)) if truth is Truth.TRUE and declared is not None else alone


def _every(parts: Iterable[Any], truth: Truth) -> list[Clause] | None:
    found: list[Clause] | None = [frozenset()]
    for part in parts:
        found = _product(found, _clauses(part, truth))
    return found


def _either(parts: Iterable[Any], truth: Truth) -> list[Clause] | None:
    found: list[Clause] = []
    for part in parts:
        some = _clauses(part, truth)
        if some is None or len(found) + len(some) > MOST_CLAUSES:
            return None
        found += some
    return list(dict.fromkeys(found))


def _product(one: list[Clause] | None, other: list[Clause] | None) -> list[Clause] | None:
    if one is None or other is None or len(one) * len(other) > MOST_CLAUSES:
        # An empty side has no clause to multiply, whatever the other would be.
        return [] if one == [] or other == [] else None
    return [it for it in dict.fromkeys(left | right for left in one for right in other) if not _is_contrary(it)]


def _is_contrary(clause: Clause) -> bool:
    """Whether two opposite things are asked of one condition."""
    asked: dict[Any, set[Truth]] = {}
    for literal in clause:
        asked.setdefault(literal.atom, set()).add(literal.truth)
    return any(pair <= truths for truths in asked.values() if len(truths) > 1 for pair in _CONTRARY)
