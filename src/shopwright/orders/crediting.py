"""Which refunds of an order a credit note tells of, and what stands on it: read from the history of the order alone.

    noted = credited(history, decision.events)      # None where nothing was charged that goes back

Rules
- REFUND-8: a credit note is issued for money that is granted to go back, on whatever way, and by which the buyer owes less of what was charged: for
  units, an allowance, goodwill, and what was called off, came back or was lost after it was paid; there is none for what was paid above what was
  owed, for a promise that is given up, and for what a bank took back, for nothing is owed less by these;
- REFUND-9: of what was paid too much, goods that nobody owes any more go back first, and what was never owed last;
- REFUND-10: all notes of an order together never credit more of a line, of its shipping or of any tax than was charged; what an allowance has
  credited of goods that come back afterwards is credited on the others.

A line that was changed since counts as it was when it cost most. Goodwill changes no price, and is no part of this sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from shopwright.changing import changed
from shopwright.money import allocate
from shopwright.orders.credit_notes import GOODS, GOODWILL, SHIPPING, CreditLine, CreditNote
from shopwright.orders.events import OrderEvent, OrderPlaced, RefundGranted, UnitsSettled
from shopwright.orders.evolve import begin, evolve
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.settled import SettledUnits
from shopwright.orders.states import OrderState
from shopwright.orders.unit_shares import frozen_tax
from shopwright.pricing.tax_amounts import Taxed, part_of_amount

Part = tuple[int, str]
"""A line by its number, and whether its goods or its shipping."""


@frozen(kw_only=True)
class Credited:
    """What a step of an order credits: all of a credit note but its number and date."""

    order: Order
    reason: str
    lines: tuple[CreditLine, ...]
    refund: int
    set_off: int

    def note(self, number: str, *, at: datetime) -> CreditNote:
        """The note under this number."""
        return CreditNote(
            number=number,
            order_id=self.order.id,
            order_number=self.order.number,
            buyer_id=self.order.buyer_id,
            currency=self.order.currency,
            reason=self.reason[:200],
            lines=self.lines,
            refund=self.refund,
            set_off=self.set_off,
            issued_at=at,
        )


def gives_back(events: Iterable[OrderEvent]) -> bool:
    """Whether there can be anything to credit in these events at all."""
    return any(isinstance(event, _GIVING_BACK) for event in events)


_GIVING_BACK = (RefundGranted, UnitsSettled)


def credited(history: Iterable[OrderEvent], events: Iterable[OrderEvent]) -> Credited | None:
    """What the next events of an order credit after its whole history (REFUND-8); `None` where nothing is."""
    books: _Books | None = None
    for event in history:
        if books is not None:
            books.take(event)
        elif isinstance(event, OrderPlaced):
            books = _Books(begin(event))
    if books is None:
        return None
    books.start_note()
    for event in events:
        books.take(event)
    return books.noted()


class _Books:
    """An order on the way through its history, and what was credited of it so far."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.charged = {line.line_no: line for line in order.lines}
        self.credited: dict[Part, int] = {}
        self.units: dict[int, int] = {}
        self.gone, self.due = 0, 0
        """What of the price is not owed any more, and what of that was paid, as far as no note tells of it."""
        self.settled = 0
        """What of units that were settled just now can go back with the next grant."""
        self.start_note()

    def start_note(self) -> None:
        self.lines: list[CreditLine] = []
        self.reason, self.refund, self.set_off, self.settled = "", 0, 0, 0

    def noted(self) -> Credited | None:
        if not self.lines:
            return None
        return Credited(order=self.order, reason=self.reason, lines=tuple(self.lines), refund=self.refund, set_off=self.set_off)

    def take(self, event: OrderEvent) -> None:
        before, self.order = self.order, evolve(self.order, event)
        match event:
            case UnitsSettled():
                self._settle(before, event)
            case RefundGranted():
                self._grant(event)
            case _:
                self.settled = 0
                if self.order.lines is not before.lines or self.order.state is not before.state:
                    self._move(before)

    def _move(self, before: Order) -> None:
        """Goods are owed no more, or again."""
        for line in self.order.lines:
            if line.line_no not in self.charged or line.total > self.charged[line.line_no].total:
                self.charged[line.line_no] = line
        less = _price(before) - _price(self.order)
        freed = max(0, self.order.surplus) - max(0, before.surplus)
        known = {line.line_no for line in before.lines}
        added = 0 if self.order.state is OrderState.CANCELED else sum([it.total for it in self.order.lines if it.line_no not in known])
        self.gone, self.due = max(0, self.gone + less + added), max(0, self.due + (min(freed, less) if less > 0 else less))

    def _settle(self, before: Order, event: UnitsSettled) -> None:
        told, less = sum([it.amount for it in event.lines]), _price(before) - _price(self.order)
        known = max(0, min(told - less, self.gone + min(0, less)))
        value = min(max(0, less) + known, sum(self._left().values()))
        self.gone, self.due = max(0, self.gone + min(0, less) - known), max(0, self.due + min(0, less) - known)
        self.settled = min(value, max(0, self.order.surplus))
        wanted = {part: amount for it in event.lines for part, amount in (((it.line_no, GOODS), it.goods), ((it.line_no, SHIPPING), it.shipping))}
        self._credit(value, wanted, {it.line_no: it.units for it in event.lines})
        self.set_off += value
        self.reason = self.reason or event.reason

    def _grant(self, event: RefundGranted) -> None:
        self.reason = self.reason or event.reason
        if event.goodwill:
            line = CreditLine(line_no=0, about=GOODWILL, sku="", title=event.reason, units=0, taxed=Taxed(event.amount))
            self.lines.append(line)
            self.refund += event.amount
            return
        above = event.amount - event.allowance
        of_units = min(above, self.settled)
        of_goods = min(above - of_units, self.due)
        self.settled, self.due, self.gone = self.settled - of_units, self.due - of_goods, max(0, self.gone - of_goods)
        amount = min(of_goods + event.allowance, sum(self._left().values()))
        wanted = {(line_no, GOODS): part for line_no, part in event.of_lines} if event.of_lines else self._wanted()
        self._credit(amount, wanted, {} if event.of_lines else self._gone())
        self.refund += of_units + amount
        self.set_off -= of_units

    def _left(self) -> dict[Part, int]:
        """What was charged and not credited."""
        return {part: charged - self.credited.get(part, 0) for line in self.charged.values() for part, charged in _parts(line).items()}

    def _wanted(self) -> dict[Part, int]:
        """What nobody owes any more and was not credited."""
        settled = {it.line_no: it for it in self.order.settled}
        owed: dict[Part, int] = {}
        for line in self.order.lines if self.order.state is not OrderState.CANCELED else ():
            owed |= _owed_parts(line, settled.get(line.line_no, SettledUnits(line_no=line.line_no, units=0)))
        return {part: max(0, left - owed.get(part, 0)) for part, left in self._left().items()}

    def _gone(self) -> dict[int, int]:
        """The units that nobody owes any more and no note has told of."""
        canceled, settled = self.order.state is OrderState.CANCELED, {it.line_no: it.units for it in self.order.settled}
        gone = {it.line_no: it.quantity if canceled else _gone(it, settled.get(it.line_no, 0)) for it in self.order.lines}
        return {line_no: max(0, units - self.units.get(line_no, 0)) for line_no, units in gone.items()}

    def _credit(self, amount: int, wanted: dict[Part, int], units: dict[int, int]) -> None:
        """Credit so much, of what is wanted first, then of whatever is left (REFUND-10)."""
        left = self._left()
        wanted = {part: min(left[part], wanted.get(part, 0)) for part in left}
        first = min(amount, sum(wanted.values()))
        parts = dict(zip(wanted, allocate(first, tuple(wanted.values())), strict=True)) if first else {}
        rest = {part: left[part] - parts.get(part, 0) for part in left}
        more = dict(zip(rest, allocate(amount - first, tuple(rest.values())), strict=True)) if amount > first else {}
        for part in left:
            self._add(part, parts.get(part, 0) + more.get(part, 0), units.get(part[0], 0) if wanted[part] else 0)

    def _add(self, part: Part, amount: int, units: int) -> None:
        line_no, about = part
        if not amount:
            return
        line, before = self.charged[line_no], self.credited.get(part, 0)
        taxed = frozen_tax(line).goods if about == GOODS else frozen_tax(line).shipping
        told = units if about == GOODS else 0
        self.credited[part] = before + amount
        self.units[line_no] = self.units.get(line_no, 0) + told
        credit = part_of_amount(taxed, amount, before=before)
        self.lines.append(CreditLine(line_no=line_no, about=about, sku=line.sku, title=line.title, units=told, taxed=credit))


def _price(order: Order) -> int:
    """What is owed but for allowances."""
    return changed(order, allowances=0).owed


def _parts(line: OrderLine) -> dict[Part, int]:
    taxed = frozen_tax(line)
    return {(line.line_no, GOODS): taxed.goods.gross, (line.line_no, SHIPPING): taxed.shipping.gross}


def _gone(line: OrderLine, settled: int) -> int:
    return min(line.quantity, line.buckets.canceled + max(line.buckets.returned + line.buckets.lost, settled))


def _owed_parts(line: OrderLine, settled: SettledUnits) -> dict[Part, int]:
    """What the buyer owes on a line, goods and shipping apart: for units that stay, and what was kept of the others."""
    gone = _gone(line, settled.units)
    kept = {GOODS: settled.kept - settled.shipping_kept, SHIPPING: settled.shipping_kept}
    return {part: amount - amount * gone // line.quantity + kept[part[1]] for part, amount in _parts(line).items()}
