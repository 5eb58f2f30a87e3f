"""The gateway port: one way to ask for money, whoever the provider is.

A flow mints an `OperationKey`, stores it, and only then calls. The contract kit `shopwright.testing.GatewayContract` holds every
promise below for every adapter, as far as its `Capabilities` claim it.

Rules
- an answer, a decline included, is an `Outcome`; an exception says that there is no answer (`shopwright.payments.errors`);
- the same key with the same parameters moves money at most once; with other parameters it raises `GatewayKeyConflict`;
- `NotSent` and `Throttled` promise that nothing happened; `Indeterminate` promises nothing: query by key, then repeat with that key;
- what `capabilities` do not list raises `Unsupported`, and what makes no sense `InvalidRequest`, before any I/O;
- amounts on the wire are the adapter's business; at the port they are exact `Money`;
- an adapter is safe to share between threads, does no I/O when it is made, and shows no secret in `repr`, errors or `raw`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.disputes import Dispute
from shopwright.payments.evidence import Evidence
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.payments.saved import SavedToken

API_VERSION = 1
"""The version of this port; an adapter names the one it was written for."""


@runtime_checkable
class KnowsKeys(Protocol):
    """A gateway whose provider tells some events by its own reference alone, without any key of the shop: then the gateway is asked."""

    def key_of(self, reference: str) -> OperationKey | None:
        """The key under which the payment of this reference was started; `None` for one that no shop of ours has started.

        Raises `NotFound`, and what every method that does I/O may raise.
        """
        ...


@runtime_checkable
class AnswersDisputes(Protocol):
    """A gateway through which a shop may answer a buyer's dispute; with others it is done at the provider's own desk.

    The same key with the same parameters answers as the first time. Both methods raise `InvalidState`, with nothing changed, for a dispute that is
    decided or whose time is over, `NotFound`, `GatewayKeyConflict`, and what every method that does I/O may raise.
    """

    def answer_dispute(self, key: OperationKey, dispute: str, evidence: Evidence) -> Dispute:
        """Give evidence for a dispute (the provider's name of it), once and for all; how it stands then."""
        ...

    def accept_dispute(self, key: OperationKey, dispute: str) -> Dispute:
        """Give up a dispute: it is lost; how it stands then."""
        ...


@runtime_checkable
class SavesMethods(Protocol):
    """A gateway whose provider keeps methods of payment for buyers; it declares `saves_methods`. Both methods may raise what every method that does
    I/O may raise.
    """

    def saved(self, reference: str) -> SavedToken | None:
        """What was kept of the method that the payment of this reference was made with; `None` where nothing was, or not yet. Raises `NotFound`."""
        ...

    def forget(self, token: str) -> None:
        """Keep this method no longer: it charges nobody from now on. To forget what is not kept changes nothing."""
        ...


@runtime_checkable
class PaymentGateway(Protocol):
    """A provider of payments, seen with one account. Every method that does I/O may raise `NotSent`, `Throttled`,
    `Indeterminate` or `Misconfigured`.
    """

    @property
    def name(self) -> str:
        """A slug (`[a-z][a-z0-9_]*`) that stands in stored payments and never changes."""
        ...

    @property
    def api_version(self) -> int:
        """The `API_VERSION` that this adapter was written for."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment: charge or authorize at once, or say what the buyer has to do.

        Raises `GatewayKeyConflict`.
        """
        ...

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Take authorized money; `final` releases the rest.

        A declined capture leaves the authorization as it is. Raises `InvalidState` when less is authorized, or it has expired or
        was voided, `NotFound`, `GatewayKeyConflict`.
        """
        ...

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Release an authorization, or close a payment that the buyer has not made.

        Raises `InvalidState` once money was captured (a query then tells how much, and a refund gives it back), `NotFound`,
        `GatewayKeyConflict`.
        """
        ...

    def refund(self, request: RefundPart) -> Outcome:
        """Give captured money back: `Done`, or `InProgress` where the provider decides later.

        Raises `InvalidState`, with nothing moved, for more than is left or after the refund window; `NotFound`; `GatewayKeyConflict`.
        """
        ...

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How it stands now: exactly one of key and reference is given.

        By reference, or by the key of a `start`: how the payment stands. By the key of a capture or void, where the provider can
        tell: how that operation stands. Raises `NotFound` for a key or reference that the provider has never processed; repeating the
        operation with the same key is then right.
        """
        ...

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How one refund of this payment (a provider's reference) stands; raises `NotFound` if it was never processed."""
        ...

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> Outcome:
        """Share captured money among receivers; `finish` leaves the rest with the shop.

        Raises `InvalidState`, with nothing moved, when more is shared than is there; `NotFound`; `GatewayKeyConflict`.
        """
        ...

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify, decrypt and parse, in one go and without I/O; raises `BadNotification`."""
        ...

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """What was booked from `since` on and before `until`, oldest first, each line once."""
        ...

    def scrub(self, transcript: str) -> str:
        """The text without any secret of the settings, card number or token, so that it may be logged."""
        ...
