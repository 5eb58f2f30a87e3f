"""Cases in the store: how they are read, and the write half of every flow about them.

Rules
- CASE-1: a case, what the cases of its order claim, the events and the operation are one changeset; of two cases that race for the same units of an
  order the later one is decided again, and refused;
- CASE-2: a customer sees their own cases alone: any other is `case_not_found`;
- the events of a case stand in the stream `cases` under its id, numbered without gaps;
- a refusal or a misuse of a command that was done before is none: the command gets the case as it is now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows.ports import Ports
from shopwright.flows.returns.commands import CaseCommand
from shopwright.flows.saving import is_also, operation
from shopwright.flows.trying import tried
from shopwright.members.actors import Actor
from shopwright.ports.storage import Changeset, Operation, Put, Record, Stored
from shopwright.refusals import Refusal
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision
from shopwright.returns.order_cases import OrderCases
from shopwright.wire.return_kinds import CASES

Decide = Callable[[Case], CaseDecision | Refusal]


def not_found(case_id: str) -> Refusal:
    """The refusal for a case that is not there, or is not the actor's to see."""
    return Refusal("case_not_found", f"there is no case {case_id!r}", {"case": case_id})


def read_case(ports: Ports, case_id: str, by: Actor) -> Stored[Case] | Refusal:
    """A case for somebody who asks for it (CASE-2)."""
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    stored = ports.storage.load(Case, case_id)
    if stored is None or not (by.sees(stored.value.buyer_id) or is_also(ports, stored.value.buyer_id, by)):
        return not_found(case_id)
    return stored


def as_it_stands(ports: Ports, case_id: str) -> Case:
    """A case that is there."""
    stored = ports.storage.load(Case, case_id)
    assert stored is not None, "cases never leave the store"
    return stored.value


def cases_of(ports: Ports, order_id: str) -> Stored[OrderCases]:
    """The cases of an order, all together; none with version 0 before the first is opened."""
    return ports.storage.load(OrderCases, order_id) or Stored(OrderCases(order_id=order_id), 0)


@frozen
class CaseChanges:
    """What a decision about a case writes."""

    puts: tuple[Put, ...]
    records: tuple[Record, ...]


def changes_of(ports: Ports, stored: Stored[Case], decision: CaseDecision) -> CaseChanges:
    """What goes into the changeset of a decision about a case that is there (CASE-1)."""
    case = decision.case
    puts: tuple[Put, ...] = (Put(case.id, case, stored.version),)
    if case.claimed() != stored.value.claimed():
        together = cases_of(ports, case.order_id)
        puts += (Put(case.order_id, together.value.with_case(case), together.version),)
    return CaseChanges(puts, records(decision))


def records(decision: CaseDecision) -> tuple[Record, ...]:
    """The events of a decision, numbered as the case counts them."""
    case, first = decision.case, decision.case.event_count - len(decision.events) + 1
    return tuple([Record(CASES, case.id, first + n, event) for n, event in enumerate(decision.events)])


def change(ports: Ports, command: CaseCommand, decide: Decide, *, at: datetime) -> Case | Refusal:
    """Read the case, decide, write; the case as it stands afterwards. Raises `IllegalTransition`, `KeyConflict` and `VersionConflict`."""
    op = operation(ports, command, command.case_id)

    def attempt() -> Case | Refusal:
        return once(ports, op, command.case_id, lambda: _step(ports, command, decide, op, at=at))

    return tried(ports.storage, attempt)


def once(ports: Ports, op: Operation, case_id: str, step: Callable[[], Case | Refusal]) -> Case | Refusal:
    """What a step answers; the case as it is now where the operation was done, before or meanwhile."""
    if ports.storage.answered(op) is not None:
        return as_it_stands(ports, case_id)
    try:
        answer = step()
    except (IllegalTransition, InvalidValue):
        if ports.storage.answered(op) is None:
            raise
        return as_it_stands(ports, case_id)
    done = isinstance(answer, Refusal) and ports.storage.answered(op) is not None
    return as_it_stands(ports, case_id) if done else answer


def _step(ports: Ports, command: CaseCommand, decide: Decide, op: Operation, *, at: datetime) -> Case | Refusal:
    stored = read_case(ports, command.case_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    decision = decide(stored.value)
    if isinstance(decision, Refusal):
        return decision
    if not decision.events:
        return stored.value
    made = changes_of(ports, stored, decision)
    result = ports.storage.commit(Changeset(op, at, puts=made.puts, records=made.records))
    if isinstance(result, Refusal):
        return result
    return as_it_stands(ports, stored.value.id) if result.repeated else decision.case
