"""How cases, money and refusals are shown: plain lines, with a little color where there is a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from attrs import frozen

from shopwright import Money, Order, Refusal
from shopwright.flows.exceptions.looking import OpenException
from shopwright.flows.returns.looking import OpenCase
from shopwright.flows.returns.noting import CaseNote
from shopwright.members.actors import Actor, ActorKind
from shopwright.orders.edit_events import LinesAdded
from shopwright.orders.events import RefundGranted
from shopwright.orders.refund_plan import RefundPlan
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.label import ReturnLabel
from shopwright.returns.label_states import LabelState
from shopwright.returns.resolving import Resolved
from shopwright.returns.states import CaseState, allowed
from shopwright.returns.words import Granted, Outcome, Resolution


@frozen
class Ink:
    """Color where it can be seen: bold for what matters, red for a no, green for what was done. Without a terminal it is plain text."""

    on: bool = False

    def bold(self, text: str) -> str:
        """Something to look at."""
        return self._in("1", text)

    def red(self, text: str) -> str:
        """A no."""
        return self._in("31", text)

    def green(self, text: str) -> str:
        """Something that was done."""
        return self._in("32", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


def age(long: timedelta) -> str:
    """How long, in days, or in hours of the first day."""
    return f"{long.days} d" if long.days else f"{long.seconds // 3600} h"


def due(case: Case) -> str:
    """What is to be done next about a case, by whom."""
    label, who = case.label, "" if case.waits_for is None else f"{case.waits_for.value}: "
    match case.state:
        case CaseState.APPLIED:
            what = "review it"
        case CaseState.ASKED:
            what = f"answer by {case.due_at:%d %b}"
        case CaseState.APPROVED if not case.goods_back:
            what = "resolve it; nothing has to come back"
        case CaseState.APPROVED:
            booked = label is not None and label.state is LabelState.BOOKED
            what = f"send the goods by {case.due_at:%d %b}" + ("" if booked or not case.shop_pays_return else " (no label yet)")
        case CaseState.IN_TRANSIT if label is not None and label.lost:
            what = "miss the goods; the carrier gives them up for lost"
        case CaseState.IN_TRANSIT if label is not None and label.ended:
            what = "receive the goods; the carrier has brought them"
        case CaseState.IN_TRANSIT:
            what = "bring the goods"
        case CaseState.RECEIVED:
            what = "inspect the goods"
        case CaseState.INSPECTED:
            what = "resolve it"
        case _:
            return f"nothing; it is {case.state.value}"
    return who + what


def table(cases: list[tuple[int, OpenCase]], ink: Ink) -> Iterator[str]:
    """A list of cases: number, age, kind and why, and what is due."""
    if not cases:
        yield "there are none"
        return
    yield ink.bold(f"{'':>3}  {'age':>5}  {'of':<8} {'what':<38} next")
    for no, it in cases:
        line = it.case.lines[0]
        what = f"{line.wish.units} x {line.wish.why.value}, {line.wish.resolution.value}"
        late = ink.red(" (late)") if it.overdue else ""
        yield f"{no:>3}  {age(it.age):>5}  {it.case.buyer_id:<8} {what:<38} {due(it.case)}{late}"


def whole(no: int, case: Case, order: Order, notes: tuple[CaseNote, ...], history: list[e.CaseEvent], ink: Ink) -> Iterator[str]:
    """All there is to know about a case."""
    yield ink.bold(f"case {no}: {case.kind.value} {case.number} of {case.buyer_id}")
    yield f"  next      {due(case)}"
    yield f"  allowed   {', '.join(allowed(case.state)) or 'nothing'}"
    for line in case.lines:
        yield from _line(line, order)
    if case.label is not None:
        yield f"  label     {_label(case.label)}"
    texts = {(note.at, note.about): note.text for note in notes}
    for number, event in enumerate(history):
        yield f"  {'story' if number == 0 else '':<9} {event.at:%d %b %H:%M}  {_told(event, texts)}"


def _line(line: CaseLine, order: Order) -> Iterator[str]:
    sold = order.line(line.wish.line_no)
    title = "" if sold is None else f"{sold.title} ({sold.sku}), {Money(sold.total, order.currency)} for {sold.quantity}"
    yield f"  line {line.no:<4} {line.wish.units} x {title}"
    payer = "the shop pays" if line.terms.shop_pays_return else "the customer pays"
    fee = f", less {line.terms.fee / 100:g} %" if line.terms.fee else ""
    yield f"  {'':<9} {line.wish.why.value}; wishes {line.wish.resolution.value}; rule {line.terms.rule}{fee}; {payer} the way back"
    for shown in line.evidence:
        yield f"  {'':<9} shows a {shown.kind.value}: {shown.reference}"
    if line.granted is not None:
        yield f"  {'':<9} granted {_grant(line.granted, order.currency)}"
    for found in line.findings:
        yield f"  {'':<9} {found.units} found {found.condition.value}, to {found.disposition.value}"
    for done in line.outcomes:
        yield f"  {'':<9} {_outcome(done, order.currency)}"


def _grant(granted: Granted, currency: str) -> str:
    back = "once the goods are back" if granted.goods_back else "and the goods stay where they are"
    return f"{granted.resolution.value}{_amount(granted, currency)}, {back}"


def _outcome(done: Outcome, currency: str) -> str:
    return f"{done.units} x {done.resolution.value}{_amount(done, currency)}"


def _amount(it: Granted | Outcome, currency: str) -> str:
    if not it.amount:
        return ""
    return f" of {it.amount} points" if it.resolution is Resolution.POINTS else f" of {Money(it.amount, currency)}"


def _label(label: ReturnLabel) -> str:
    numbers = ", ".join(label.tracking_numbers)
    cost = f" for {Money(label.cost, label.currency)}" if label.currency else ""
    why = f": {label.failed_for}" if label.failed_for else ""
    where = f"; the parcel is {label.status.value}" if label.scans else ""
    return f"{label.carrier} {numbers or 'without a number'}, {label.state.value}{cost}{why}{where}"


def _told(event: e.CaseEvent, texts: dict[tuple[datetime, str], str | None]) -> str:
    """An event as a sentence; what somebody wrote is quoted."""
    by = _who(getattr(event, "by", None))
    match event:
        case e.CaseOpened():
            return f"{by} applied{_quoted(texts.get((event.at, 'opened')))}"
        case e.MoreAsked():
            return f"{by} asked for more{_quoted(texts.get((event.at, 'asked')))}"
        case e.MoreGiven():
            return f"{by} answered{_quoted(texts.get((event.at, 'answered')))}"
        case e.CaseApproved():
            return f"{by} approved"
        case e.CaseRejected():
            return f"{by} rejected: {event.why}{_quoted(texts.get((event.at, 'rejected')))}"
        case e.GoodsSent():
            return f"{by} says that the goods are sent ({event.carrier} {event.tracking_number})"
        case e.GoodsReceived():
            return f"{by} received {sum(count for _, count in event.units)}"
        case e.GoodsInspected():
            return f"{by} inspected: " + ", ".join(f"{it.units} {it.condition.value}" for it in event.findings)
        case e.ReturnLabelBooked():
            return f"the carrier gave a label for {Money(event.cost, event.currency)}"
        case e.ReturnLabelFailed():
            return f"the carrier gave no label: {event.why}"
        case e.ReturnParcelScanned():
            return "the carrier scanned: " + ", ".join(scan.status.value for scan in event.scans)
        case e.CaseResolved():
            return f"{by} resolved: " + ", ".join(f"{it.units} x {it.resolution.value}" for it in event.outcomes)
        case _:
            words = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in type(event).__name__).strip()
            return f"{words}{f' ({by})' if by else ''}"


def _who(actor: Actor | None) -> str:
    if actor is None:
        return ""
    return "the shop" if actor.kind is ActorKind.SYSTEM else actor.id


def _quoted(text: str | None) -> str:
    return f': "{text}"' if text else ""


def inbox(open_: Iterable[OpenException], ink: Ink) -> Iterator[str]:
    """What is wrong with orders: a line for each, and below it what it means and what one tries."""
    for it in open_:
        who = it.owner or "nobody"
        yield f"{ink.bold(f'{it.number}/{it.exception}')}  {age(it.age):>5}  {it.severity.value:<8} {who:<10} {it.code}"
        yield f"  {it.meaning}"
        yield f"  try: {', '.join(it.suggests)}"


def money(resolved: Resolved, order: Order, ink: Ink) -> Iterator[str]:
    """What resolving a case does: units, the money with its reasons, and what else the customer is given."""
    currency = order.currency
    for line in resolved.case.case.lines:
        for done in line.outcomes:
            yield f"  line {line.no}: {_outcome(done, currency)}"
    for plan in resolved.plans:
        yield from _plan(plan, resolved.credit)
    back = sum(it.amount for it in resolved.order.events if isinstance(it, RefundGranted))
    yield ink.bold(f"  {Money(back, currency)} goes back to the customer" if back else "  no money goes back")
    yield from _exchanged(resolved, order)
    if resolved.points:
        yield f"  {resolved.points} points are given"


def _exchanged(resolved: Resolved, order: Order) -> Iterator[str]:
    """What is sold for what came back, and what the customer owes for it."""
    for event in resolved.order.events:
        if isinstance(event, LinesAdded):
            for line in event.lines:
                yield f"  {line.quantity} x {line.title} ({line.sku}) for {Money(line.total, order.currency)} is sold with the order"
    missing = resolved.order.order.owed - resolved.order.order.paid
    if missing > 0:
        yield f"  {Money(missing, order.currency)} is for the customer to pay before it ships"


def _plan(plan: RefundPlan, credit: int) -> Iterator[str]:
    for line in plan.lines:
        for why in line.why:
            yield f"    {Money(why.amount, plan.currency)!s:>12}  {line.sku}: {why.note}"
    for way in plan.ways:
        kind = "by hand" if way.by_hand else "on the payment"
        yield f"    {Money(way.amount, plan.currency)!s:>12}  to {way.method}, {kind}" + (", as store credit" if credit else "")


def no(refusal: Refusal, ink: Ink) -> str:
    """A refusal as a sentence, with its code for who looks it up."""
    return ink.red(f"no: {refusal.message}") + f" ({refusal.code})"
