"""Notes that people type about a case: sealed for the buyer where the shop has a vault, since nobody knows what stands in them.

Rules
- a customer reads what they wrote and what was asked of them, staff all of it: why a case was rejected is told by a code, and the note with it is
  the shop's own;
- a note whose buyer was erased is there without its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright.flows.ports import Ports
from shopwright.flows.returns.saving import read_case
from shopwright.flows.vault.sealing import Box, box, kept_box
from shopwright.members.actors import Actor, ActorKind
from shopwright.members.sealing import Sealed
from shopwright.ports.storage import START, Recorded
from shopwright.refusals import Refusal
from shopwright.returns.events import CaseOpened, CaseRejected, MoreAsked, MoreGiven
from shopwright.wire.return_kinds import CASES

NOTED = CaseOpened | MoreAsked | MoreGiven | CaseRejected


@frozen(kw_only=True)
class CaseNote:
    """Something that somebody wrote about a case. `about` names the event; `text` is `None` where the buyer was erased."""

    about: str
    text: str | None
    by: Actor
    at: datetime


_ABOUT: dict[type, str] = {CaseOpened: "opened", MoreAsked: "asked", MoreGiven: "answered", CaseRejected: "rejected"}


def noted(ports: Ports, case_id: str, buyer_id: str, note: str, *, at: datetime) -> str | Sealed:
    """A note as it is kept."""
    if ports.vault is None or not note:
        return note
    return kept_box(ports, buyer_id, at=at).seal(_field(case_id), note)


def notes(ports: Ports, case_id: str, *, by: Actor) -> tuple[CaseNote, ...] | Refusal:
    """What was written about a case, oldest first. Refused with `case_not_found`. Raises `VaultMissing` for sealed ones without a vault."""
    stored = read_case(ports, case_id, by)
    if isinstance(stored, Refusal):
        return stored
    told = [it.value for it in history(ports, case_id) if has_note(it.value, hushed=by.kind is ActorKind.CUSTOMER)]
    theirs = box(ports, stored.value.buyer_id) if any(event.sealed_note is not None for event in told) else None
    return tuple([CaseNote(about=_ABOUT[type(it)], text=opened(theirs, case_id, it), by=it.by, at=it.at) for it in told])


def has_note(event: object, *, hushed: bool) -> bool:
    """Whether somebody wrote something; with `hushed` something that the customer may read."""
    if not isinstance(event, NOTED) or (hushed and isinstance(event, CaseRejected)):
        return False
    return bool(event.note) or event.sealed_note is not None


def opened(theirs: Box | None, case_id: str, event: NOTED) -> str | None:
    """The note of an event in the open; `None` where its buyer was erased."""
    if event.sealed_note is None or theirs is None:
        return event.note
    text = theirs.open(_field(case_id), event.sealed_note)
    return None if isinstance(text, Refusal) else text


def history(ports: Ports, case_id: str) -> Iterator[Recorded]:
    """All events of one case, oldest first."""
    after = START
    while page := ports.storage.read(CASES, after=after, limit=500, key=case_id):
        yield from page
        after = page[-1].position


def _field(case_id: str) -> str:
    return f"case.note/{case_id}"
