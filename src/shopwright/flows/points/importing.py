"""Bring opening balances along from another system, lot by lot.

    report = shop.points.bring_along(ImportPoints(key="opening-1", by=SYSTEM, source="old-mall", lots=lots))
    report.wrong        # what could not be brought along, by line, and why

Rules
- each account is a step of its own, of at most 200 lots: a crash in between leaves whole steps, and sending it again does the rest;
- a lot that is there already, just as it is, is not brought along again, whatever the key: a corrected file can be sent again, under another key;
- what is wrong with a line harms no other line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve, frozen

from shopwright.errors import VersionConflict
from shopwright.flows.checking import takes
from shopwright.flows.points.commands import ImportPoints
from shopwright.flows.points.saving import TRIES, Credit, PointsChanges, credited, kept_accounts, lot_exists, written
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tries
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.opening import OpeningLot, opening_problem
from shopwright.loyalty.reversing import Earning
from shopwright.ports.storage import Operation
from shopwright.refusals import Refusal

STEP = 200
"""How many lots a step brings along."""


@frozen
class WrongLot:
    """A line that could not be brought along, and why."""

    line: int
    refusal: Refusal


@frozen(kw_only=True)
class Imported:
    """What became of the lines: `credited` by this very call, `known` from before, and `wrong`; and the points of all that are there now."""

    credited: tuple[int, ...] = ()
    known: tuple[int, ...] = ()
    wrong: tuple[WrongLot, ...] = ()
    points: int = 0

    def plus(self, other: Imported) -> Imported:
        """Both together."""
        return Imported(
            credited=(*self.credited, *other.credited),
            known=(*self.known, *other.known),
            wrong=(*self.wrong, *other.wrong),
            points=self.points + other.points,
        )


@takes(ImportPoints)
def import_points(ports: Ports, command: ImportPoints, *, at: datetime) -> Imported:
    """Credit the lots of opening balances; what became of each line.

    Lines are wrong with `lot_lapsed`, `lot_unearned`, `lot_repeated` where an earlier line has the same lot, and `lot_exists` where the lot is there
    with other facts or in another account. Raises `KeyConflict` for a key that served another command.
    """
    fingerprint = ports.codec.fingerprint(command)
    report = Imported()
    for number, lots in enumerate(_steps(command.lots), 1):
        report = report.plus(_step(ports, Operation(f"{command.key}/{number}", fingerprint, "points"), command, lots, at=at))
    return _sorted(report.plus(_repeated(command.lots)))


def _steps(lots: tuple[OpeningLot, ...]) -> Iterator[list[OpeningLot]]:
    """The lots of each account together, each lot once, so many at most."""
    accounts: dict[str, list[OpeningLot]] = {}
    seen = set[str]()
    for it in lots:
        if it.lot.id not in seen:
            seen.add(it.lot.id)
            accounts.setdefault(it.account_id, []).append(it)
    for those in accounts.values():
        for start in range(0, len(those), STEP):
            yield those[start : start + STEP]


def _repeated(lots: tuple[OpeningLot, ...]) -> Imported:
    seen, wrong = set[str](), list[WrongLot]()
    for it in lots:
        if it.lot.id in seen:
            wrong.append(WrongLot(it.line, Refusal("lot_repeated", f"an earlier line has the points {it.lot.id}", {"lot": it.lot.id})))
        seen.add(it.lot.id)
    return Imported(wrong=tuple(wrong))


def _step(ports: Ports, op: Operation, command: ImportPoints, lots: list[OpeningLot], *, at: datetime) -> Imported:
    """Bring some lots of one account along."""
    for left in tries(ports.storage, TRIES):
        new, report = _sifted(ports, lots, at=at)
        cause = Cause(by=command.by, source=command.source, reason="opening balance")
        changes = credited(ports, [Credit(account_id=it.account_id, lot=it.lot, cause=cause) for it in new], at=at) if new else PointsChanges()
        try:
            # A lot that came between both reads is sifted out by the next try.
            done = None if isinstance(changes, Refusal) else written(ports, changes, op, at=at)
        except VersionConflict:
            if not left:
                raise
            continue
        if done is True:
            points = sum([it.lot.points for it in new])
            return report.plus(Imported(credited=tuple([it.line for it in new]), points=points))
        if done is False and not new:
            return report
        if done is False:  # it was done before, and what was wrong then is right now
            op = evolve(op, key=fitted(f"{op.key}/{new[0].lot.id}"))
    raise VersionConflict(f"the points of {lots[0].account_id} changed {TRIES} times while opening balances were brought along; try again")


def _sifted(ports: Ports, lots: list[OpeningLot], *, at: datetime) -> tuple[list[OpeningLot], Imported]:
    """The lots that are to be credited, and what is to be said of the others."""
    stored = ports.storage.load_many(Earning, [it.lot.id for it in lots])
    new, known, wrong = list[OpeningLot](), list[OpeningLot](), list[WrongLot]()
    for it in lots:
        there = stored.get(it.lot.id)
        if there is not None and there.value.lot == it.lot and _is_in(ports, there.value.account_id, it.account_id):
            known.append(it)
        elif there is not None:
            wrong.append(WrongLot(it.line, lot_exists(there.value)))
        elif problem := opening_problem(it, at=at):
            wrong.append(WrongLot(it.line, problem))
        else:
            new.append(it)
    report = Imported(known=tuple([it.line for it in known]), wrong=tuple(wrong), points=sum([it.lot.points for it in known]))
    return new, report


def _is_in(ports: Ports, account_id: str, wanted: str) -> bool:
    """Whether both are the same account, be it by merging."""
    if account_id == wanted:
        return True
    found = kept_accounts(ports, (account_id, wanted))
    return found[account_id].account.id == found[wanted].account.id


def _sorted(report: Imported) -> Imported:
    wrong = tuple(sorted(report.wrong, key=lambda it: it.line))
    return Imported(credited=tuple(sorted(report.credited)), known=tuple(sorted(report.known)), wrong=wrong, points=report.points)
