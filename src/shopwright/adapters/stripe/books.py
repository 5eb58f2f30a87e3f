"""The books of a simulated account at Stripe: what is in them, what was answered under which key, and what was told.

Rules
- a key stands for one request: again it gets the same bytes, with other parameters an `idempotency_error`; a request that was refused as senseless is
  forgotten, a decline is not;
- every event keeps its object as it was then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from itertools import count
from threading import RLock
from typing import Any

from attrs import frozen

from shopwright.adapters.stripe.simulated import Booking, Dispute, Intent, Json, Method, No, Payout, Refund, Session
from shopwright.adapters.stripe.transfers import Transfer
from shopwright.payments.notifications import EventKind
from shopwright.ports.clock import Clock


@frozen
class Moved:
    """Money that moved: what kind of event, for which payment, how much on the wire."""

    kind: EventKind
    intent: Intent
    amount: int


@frozen
class Told:
    """An event, with the object as it was then."""

    id: str
    type: str
    created: int
    object: Json
    before: Json


@frozen
class _Kept:
    request: str
    status: int
    body: bytes


class Books:
    """Everything that an account holds, and the one lock over it."""

    def __init__(self, *, clock: Clock, auth_ttl: timedelta = timedelta(days=7), address: str = "https://checkout.stripe.com") -> None:
        self.clock, self.auth_ttl, self.address = clock, auth_ttl, address
        self.intents: dict[str, Intent] = {}
        self.sessions: dict[str, Session] = {}
        self.customers: set[str] = set()
        self.methods: dict[str, Method] = {}
        self.refunds: list[Refund] = []
        self.disputes: list[Dispute] = []
        self.bookings: list[Booking] = []
        self.payouts: list[Payout] = []
        self.transfers: list[Transfer] = []
        self.strangers: set[str] = set()
        self.poor: set[str] = set()
        self.moved: list[Moved] = []
        self.told: list[Told] = []
        self._kept: dict[str, _Kept] = {}
        self._numbers = count(1)
        self.lock = RLock()

    def once(self, key: str, request: str, work: Callable[[], Json]) -> tuple[int, bytes]:
        """Status and body of a request, the same again for the same key."""
        with self.lock:
            kept = self._kept.get(key) if key else None
            if kept is not None and kept.request != request:
                message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
                return 400, _bytes({"error": {"type": "idempotency_error", "message": message}})
            if kept is not None:
                return kept.status, kept.body
            try:
                status, body = 200, _bytes(work())
            except No as no:
                status, body = no.status, _bytes({"error": no.error})
            except (KeyError, ValueError, TypeError) as error:
                return 400, _bytes({"error": {"type": "invalid_request_error", "code": "parameter_invalid", "message": type(error).__name__}})
            if key and status in (200, 402):
                self._kept[key] = _Kept(request, status, body)
            return status, body

    @property
    def now(self) -> int:
        """The time in whole seconds."""
        return int(self.clock.now().timestamp())

    def id(self, prefix: str) -> str:
        """An id that nothing has."""
        return f"{prefix}_sim{next(self._numbers):018d}"

    def book(self, kind: str, category: str, amount: int, *, fee: int, source: Any, intent: Intent) -> str:
        """A line on the account."""
        line = Booking(
            id=self.id("txn"), created=self.now, kind=kind, category=category, amount=amount, fee=fee, currency=intent.currency, source=source
        )
        self.bookings.append(line)
        return line.id

    def pay_out(self) -> Payout:
        """Send everything of one currency that no payout has to the bank. Raises `No` where there is nothing."""
        out = {id for payout in self.payouts for id in payout.bookings}
        left = [line for line in self.bookings if line.id not in out and line.kind != "payout"]
        if not left:
            raise No(400, "balance_insufficient", "You have insufficient funds in your Stripe account.")
        currency, id = left[0].currency, self.id("po")
        mine = [line for line in left if line.currency == currency]
        amount = sum(line.amount - line.fee for line in mine)
        source = {"id": id, "object": "payout"}
        own = Booking(id=self.id("txn"), created=self.now, kind="payout", category="payout", amount=-amount, fee=0, currency=currency, source=source)
        self.bookings.append(own)
        made = Payout(id=id, created=self.now, amount=amount, currency=currency, bookings=frozenset(line.id for line in (*mine, own)))
        self.payouts.append(made)
        return made

    def tell(self, name: str, about: Json, *, before: Json | None = None) -> None:
        """Push an event."""
        self.told.append(Told(self.id("evt"), name, self.now, json.loads(_bytes(about)), before or {}))


def listed(found: Collection[Json], params: Mapping[str, Any]) -> Json:
    """A page of a list: newest first, after the element that is named."""
    rows = list(reversed(list(found)))
    span = params.get("created") or {}
    rows = [row for row in rows if int(span.get("gte", 0)) <= row["created"] < int(span.get("lt", 2**62))]
    after = params.get("starting_after")
    if after is not None:
        place = next((number for number, row in enumerate(rows) if row["id"] == after), len(rows))
        rows = rows[place + 1 :]
    limit = int(params.get("limit", 10))
    return {"object": "list", "data": rows[:limit], "has_more": len(rows) > limit}


def _bytes(answer: Json) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()
