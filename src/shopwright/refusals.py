"""What a shop says no with, as values.

A `Refusal` is an expected answer: the coupon has expired, the goods are gone, the card was declined. It is returned, never
raised, and a caller tells it apart with `isinstance`. Misuse of the library raises instead (see `shopwright.errors`).

Rules
- a code is `subject_reason`, in lower case, and never changes its meaning;
- the message is made from the code and the facts, so that an app can say it in another language;
- facts are plain text, integers and booleans: they cross wires and logs as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from attrs import field, frozen

from shopwright.errors import Refused

Fact = str | int | bool


def _pairs(facts: Mapping[str, Fact] | tuple[tuple[str, Fact], ...]) -> tuple[tuple[str, Fact], ...]:
    return tuple(sorted(dict(facts).items()))


@frozen
class Refusal:
    """The shop's no: a stable `code`, a `message` for people, and the `facts` it was made from.

    `facts` is given as a mapping and kept as sorted pairs, so that refusals are hashable and compare as values.
    """

    code: str
    message: str
    facts: tuple[tuple[str, Fact], ...] = field(default=(), converter=_pairs)

    def fact(self, name: str) -> Fact:
        """The fact of this name; raises `KeyError` when the refusal does not carry it."""
        return dict(self.facts)[name]


T = TypeVar("T")


def accepted(answer: T | Refusal) -> T:
    """The answer, for scripts and tests in which a no would be a surprise; raises `Refused` with the refusal's words otherwise."""
    if isinstance(answer, Refusal):
        raise Refused(f"{answer.code}: {answer.message}")
    return answer
