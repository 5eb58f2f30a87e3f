"""The rest of an order's life by hand: load the document, change it, write it with its version, its events and the operation.

Eight transactions; what goes to the payment provider is stored before the call and its answer after it, as on our side, and the
provider says yes at once. Ours writes nine: it grants a refund and asks for it in two steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from tests.benchmarks import life
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.sides import Bench

Events = list[tuple[str, dict[str, Any]]]
Change = Callable[[dict[str, Any]], Events]
CLERK = {"kind": "staff", "id": "clerk"}


class Store(Protocol):
    """What a database does for a step."""

    def place(self, turn: int) -> str:
        """A new order, held and unpaid; its id."""

    def load(self, order_id: str) -> tuple[int, dict[str, Any]]:
        """Version and document."""

    def save(self, key: str, version: int, order: dict[str, Any], events: Events, *, use_hold: bool) -> None:
        """One transaction."""

    def close(self) -> None:
        """Let go of the connection."""


def bench(store: Store) -> Bench:
    """`prepare` places an order, `run` lives its life."""
    return Bench(run=lambda order_id: live(store, order_id), prepare=store.place, tell=told, close=store.close)


def live(store: Store, order_id: str) -> dict[str, Any]:
    """Every step has a key of its own."""
    for name, change in STEPS.items():
        version, order = store.load(order_id)
        events = change(order)
        first = order["event_count"] + 1
        order["event_count"] += len(events)
        for number, (_, event) in enumerate(events, first):
            event.update(number=number, at=d.AT_TEXT)
        store.save(f"{order_id}-{name}", version, order, events, use_hold=name == "paid")
    return order


def pay(order: dict[str, Any]) -> Events:
    """What the provider is about to be asked."""
    payment = order["payments"][0]
    attempt = {"key": f"{order['id']}-1", "verb": "start", "amount": payment["tender"]["amount"], "at": d.AT_TEXT}
    payment.update(state="started", attempts=[attempt])
    order["attempts"] = 1
    return [("PaymentAttempted", {"payment_id": payment["id"], **attempt})]


def paid(order: dict[str, Any]) -> Events:
    """What it answered; the hold becomes use, and the order is confirmed by rule."""
    payment = order["payments"][0]
    amount = payment["tender"]["amount"]
    payment.update(state="captured", authorized=amount, captured=amount, reference="ref", attempts=[])
    order["claim"]["state"] = "used"
    order.update(state="confirmed", confirmed_at=d.AT_TEXT, due_at=None)
    about = {"payment_id": payment["id"], "key": f"{order['id']}-1", "amount": amount, "reference": "ref"}
    confirmed = {"by": {"kind": "system", "id": "shop"}, "rule": "approval_rule"}
    return [("PaymentAuthorized", about), ("PaymentCaptured", {**about}), ("ClaimChanged", {"state": "used"}), ("OrderConfirmed", confirmed)]


def ship(order: dict[str, Any]) -> Events:
    """All units are set aside."""
    units = moved(order, "open", "allocated")
    order["shipments"] = [{"id": "s1", "state": "planned", "units": units}]
    return [("ShipmentPlanned", {"shipment_id": "s1", "units": units})]


def dispatch(order: dict[str, Any]) -> Events:
    """They have left."""
    moved(order, "allocated", "shipped")
    order["shipments"][0]["state"] = "dispatched"
    return [("ShipmentDispatched", {"shipment_id": "s1"})]


def deliver(order: dict[str, Any]) -> Events:
    """They have arrived."""
    moved(order, "shipped", "delivered")
    order["shipments"][0]["state"] = "delivered"
    order["delivered_at"] = d.AT_TEXT
    return [("ShipmentDelivered", {"shipment_id": "s1"})]


def complete(order: dict[str, Any]) -> Events:
    """Nothing more is expected."""
    order.update(state="completed", closed_at=d.AT_TEXT)
    return [("OrderCompleted", {"by": CLERK})]


def refund(order: dict[str, Any]) -> Events:
    """Something goes back: granted, and what the provider is about to be asked."""
    payment = order["payments"][0]
    attempt = {"key": f"{order['id']}-2", "verb": "refund", "amount": life.REFUND, "at": d.AT_TEXT, "reason": life.REASON}
    payment["attempts"] = [attempt]
    order.update(attempts=2, refund_granted=life.REFUND)
    granted = {"amount": life.REFUND, "reason": life.REASON, "by": CLERK}
    return [("RefundGranted", granted), ("PaymentAttempted", {"payment_id": payment["id"], **attempt})]


def refunded(order: dict[str, Any]) -> Events:
    """What it answered."""
    payment = order["payments"][0]
    payment.update(refunded=life.REFUND, attempts=[])
    return [("PaymentRefunded", {"payment_id": payment["id"], "key": f"{order['id']}-2", "amount": life.REFUND})]


STEPS: dict[str, Change] = {
    step.__name__: step  # type: ignore[attr-defined]  # functions have names
    for step in (pay, paid, ship, dispatch, deliver, complete, refund, refunded)
}


def moved(order: dict[str, Any], source: str, target: str) -> list[list[int]]:
    """Move every unit of every line from one bucket to another."""
    units = []
    for line in order["lines"]:
        quantity = line["buckets"].pop(source)
        line["buckets"][target] = quantity
        units.append([line["line_no"], quantity])
    return units


def columns(order: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    """What the changing index columns hold: state, standing, due_at, recover_at."""
    standing = {"placed": "unpaid", "confirmed": "paid"}.get(order["state"], order["state"])
    waits = [attempt["at"] for payment in order["payments"] for attempt in payment.get("attempts", ())]
    return order["state"], standing, order["due_at"], min(waits, default=None)


def told(order: dict[str, Any]) -> dict[str, Any]:
    """How it ended, as all sides put it."""
    payment = order["payments"][0]
    delivered = sum(line["buckets"]["delivered"] for line in order["lines"])
    return life.told(state=order["state"], captured=payment["captured"], refunded=payment["refunded"], delivered=delivered)
