"""The write half of every flow about members: one decision becomes one changeset, once.

Rules
- member, events, pages of the history of the profile, and the operation are one changeset;
- the operation is known by a keyed hash of its command (`shopwright.flows.vault.keyed`), so that what was typed into one cannot be found by trying;
- a customer sees nobody but themselves: any other member is `member_not_found`;
- a stale version means that somebody else was faster: read again, decide again, a bounded number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from attrs import evolve, frozen

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.members.commands import MemberCommand
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import vault_of
from shopwright.members.actors import Actor, ActorKind
from shopwright.members.decision import MemberDecision
from shopwright.members.member import Member
from shopwright.ports.quotas import QuotaMove
from shopwright.ports.storage import Answer, Changeset, Committed, Drop, Operation, Put, Record, Stored
from shopwright.refusals import Refusal
from shopwright.wire.member_kinds import MEMBERS, PROFILES

T = TypeVar("T")


@frozen
class Plan:
    """What one step writes: what was decided of the member, and what goes with it."""

    decision: MemberDecision
    puts: tuple[Put, ...] = ()
    drops: tuple[Drop, ...] = ()
    records: tuple[Record, ...] = ()
    moves: tuple[QuotaMove, ...] = ()


Decide = Callable[[Member], Plan | MemberDecision | Refusal]


def begun(ports: Ports, command: Command, answer: str = "", *, step: str = "1") -> tuple[Operation, Answer | None]:
    """The operation of a command, and what it answered if it was done. Raises `KeyConflict` and `VaultMissing`."""
    vault_of(ports)
    operation = Operation(f"{command.key}/{step}", ports.codec.fingerprint(command), answer)
    return operation, ports.storage.answered(operation)


def answering(operation: Operation, answer: str) -> Operation:
    """The same operation with what it answers."""
    return evolve(operation, answer=answer)


def not_found(member_id: str) -> Refusal:
    """The refusal for a member that is not there, or is not the actor's to see."""
    return Refusal("member_not_found", f"there is no member {member_id!r}", {"member": member_id})


def read(ports: Ports, member_id: str, by: Actor) -> Stored[Member] | Refusal:
    """A member for somebody who asks for it."""
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    stored = ports.storage.load(Member, member_id)
    return not_found(member_id) if stored is None or not by.sees(member_id) else stored


def for_staff(command: MemberCommand) -> Refusal | None:
    """The refusal of what a customer asks and only the shop can do: to them there is no such member."""
    return not_found(command.member_id) if command.by.kind is ActorKind.CUSTOMER else None


def change(ports: Ports, command: MemberCommand, decide: Decide, *, at: datetime) -> Member | Refusal:
    """Read the member, decide, write; the member as it stands afterwards."""
    operation, done = begun(ports, command, command.member_id)
    if done is not None:
        return as_it_stands(ports, command.member_id)

    def attempt() -> Member | Refusal:
        stored = read(ports, command.member_id, command.by)
        if isinstance(stored, Refusal):
            return stored
        try:
            result = _step(ports, stored, decide, operation, at=at)
        except (IllegalTransition, InvalidValue):
            if ports.storage.answered(operation) is None:
                raise
            return as_it_stands(ports, command.member_id)
        if isinstance(result, Refusal) and ports.storage.answered(operation) is not None:
            return as_it_stands(ports, command.member_id)  # the same command, sent twice at once
        return result

    return tried(ports.storage, attempt)


def _step(ports: Ports, stored: Stored[Member], decide: Decide, operation: Operation, *, at: datetime) -> Member | Refusal:
    decided = decide(stored.value)
    if isinstance(decided, Refusal):
        return decided
    plan = decided if isinstance(decided, Plan) else Plan(decided)
    if not plan.decision.events and not plan.puts and not plan.drops:
        return stored.value
    result = commit(ports, plan, operation, expected=stored.version, at=at)
    if isinstance(result, Refusal):
        return result
    return as_it_stands(ports, stored.value.id) if result.repeated else plan.decision.member


def commit(ports: Ports, plan: Plan, operation: Operation, *, expected: int, at: datetime) -> Committed | Refusal:
    """One changeset for one plan."""
    puts = (Put(plan.decision.member.id, plan.decision.member, expected), *plan.puts)
    told = (*records(plan.decision), *plan.records)
    return ports.storage.commit(Changeset(operation, at, puts=puts, moves=plan.moves, records=told, drops=plan.drops))


def records(decision: MemberDecision) -> tuple[Record, ...]:
    """The events and the pages of the history that a decision adds, numbered as the member counts them."""
    member = decision.member
    first, page = member.event_count - len(decision.events) + 1, member.kept_count - len(decision.kept) + 1
    return (
        *(Record(MEMBERS, member.id, first + n, event) for n, event in enumerate(decision.events)),
        *(Record(PROFILES, member.id, page + n, kept) for n, kept in enumerate(decision.kept)),
    )


def as_it_stands(ports: Ports, member_id: str) -> Member:
    """A member that is there."""
    stored = ports.storage.load(Member, member_id)
    assert stored is not None, "members never leave the store"
    return stored.value


def reloaded(ports: Ports, kind: type[T], id: str) -> T | None:
    """A document as it is now."""
    stored = ports.storage.load(kind, id)
    return None if stored is None else stored.value
