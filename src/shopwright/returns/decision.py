"""What a verb of a case decides: the events, and the case as it stands after them."""

from __future__ import annotations

from functools import reduce

from attrs import frozen

from shopwright.errors import IllegalTransition
from shopwright.refusals import Refusal
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.events import CaseEvent
from shopwright.returns.evolve import evolve
from shopwright.returns.states import TRANSITIONS, VERBS, allowed


@frozen
class CaseDecision:
    """The case after the events; the events are what is new, in their order."""

    case: Case
    events: tuple[CaseEvent, ...] = ()

    def then(self, *events: CaseEvent) -> CaseDecision:
        """This decision with more events."""
        return CaseDecision(reduce(evolve, events, self.case), (*self.events, *events))


def decided(case: Case, *events: CaseEvent) -> CaseDecision:
    """These events, on top of this case."""
    return CaseDecision(case).then(*events)


def require(case: Case, event: type) -> None:
    """Raise `IllegalTransition` unless the state of the case lists this event."""
    if event not in TRANSITIONS[case.state]:
        raise IllegalTransition(VERBS[event], "a case", case.state, allowed(case.state))


def line_unknown(case: Case, no: int) -> Refusal:
    """The refusal for a line that a case does not have."""
    return Refusal("case_line_unknown", f"case {case.number} has no line {no}; it has 1 to {len(case.lines)}", {"no": no, "lines": len(case.lines)})


def above_units(line: CaseLine, wanted: int, left: int, what: str) -> Refusal:
    """The refusal for more units than a line of a case has left for it (RETURN-1)."""
    facts = {"no": line.no, "wanted": wanted, "left": left}
    return Refusal("case_units_above", f"{wanted} units of line {line.no} of the case are to be {what}, and {left} can be", facts)
