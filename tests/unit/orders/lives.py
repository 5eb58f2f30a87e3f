"""The life of an order, kept event by event, with the credit notes that its steps issue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopwright import orders
from shopwright.orders import Decision, Order
from shopwright.orders.credit_notes import CreditNote
from shopwright.orders.crediting import credited
from shopwright.orders.planning import refund_planned
from shopwright.orders.refund_plan import Units
from shopwright.pricing.tax_rates import TaxRate
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, Sold, a_decision, a_voucher
from tests.unit.orders.refunding import planned

BY = {"by": CLERK, "at": NOON}


class Life:
    """An order that is paid by vouchers, which somebody outside counts."""

    def __init__(self, *goods: Sold, vouchers: tuple[int, ...] = (), **facts: Any) -> None:
        total = a_decision(*goods, tenders=None, **facts).order.total.minor
        placed = a_decision(*goods, tenders=tuple(a_voucher(amount) for amount in vouchers or (total,) if amount), **facts)
        self.order: Order = placed.order
        self.history = list(placed.events)
        self.notes: list[CreditNote] = []

    def take(self, decision: Decision) -> Life:
        """One step more."""
        if noted := credited(self.history, decision.events):
            self.notes.append(noted.note(f"CN-{len(self.notes) + 1:06d}", at=NOON))
        self.history += decision.events
        self.order = decision.order
        return self

    def do(self, verb: Callable[..., Decision | Refusal], *args: Any, **facts: Any) -> Life:
        """A step that is not refused."""
        return self.take(accepted(verb(self.order, *args, **facts)))

    def paid(self, *amounts: int) -> Life:
        """Each payment has come, with these amounts where they are others."""
        for number, payment in enumerate(self.order.payments):
            self.do(orders.record, payment.id, amounts[number] if amounts else payment.tender.amount, at=NOON)
        return self

    def come(self, *units: tuple[int, int]) -> Life:
        """Units have been delivered, or all of them."""
        self.do(orders.plan_shipment, units=units or None, at=NOON)
        shipment = self.order.shipments[-1].id
        return self.do(orders.dispatch, shipment, at=NOON).do(orders.deliver, shipment, at=NOON)

    def settled(self, *units: tuple[int, int], **facts: Any) -> Life:
        """Units are given back as they are planned."""
        wanted: Units = units
        return self.take(accepted(refund_planned(self.order, planned(self.order, *wanted, **facts))))

    def refunded(self, amount: int) -> Life:
        """So much is granted to go back, without units."""
        return self.do(orders.refund, amount, reason="a scratch", **BY)

    def canceled(self, **facts: Any) -> Life:
        """It is called off."""
        return self.do(orders.cancel, reason=orders.CancelReason.CUSTOMER, **BY, **facts)

    @property
    def sums(self) -> list[tuple[int, int, int]]:
        """What each note tells: gross, what goes back, what is set off."""
        return [(note.gross, note.refund, note.set_off) for note in self.notes]

    @property
    def taxes(self) -> dict[TaxRate, int]:
        """What all notes credit of each rate."""
        found: dict[TaxRate, int] = {}
        for note in self.notes:
            for each in note.taxes:
                found[each.rate] = found.get(each.rate, 0) + each.tax
        return found

    @property
    def charged_taxes(self) -> dict[TaxRate, int]:
        """What was charged of each rate."""
        found: dict[TaxRate, int] = {}
        for line in self.order.lines:
            for part in () if line.taxed is None else (line.taxed.goods, line.taxed.shipping):
                for each in part.taxes:
                    found[each.rate] = found.get(each.rate, 0) + each.tax
        return found
