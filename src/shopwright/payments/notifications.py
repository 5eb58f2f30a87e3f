"""What a provider pushes to the shop: verified, decrypted and parsed in one call, so that nobody reads an unverified one.

Rules
- the raw bytes are what is verified; a body that was parsed and written again must fail;
- an adapter also tells when the provider signed it and to which account it belongs: both are held against it once more by `Notification.demand_fit`,
  so that an adapter, or the library of a provider, that does not look is no way in;
- the shop counts an event once by `event_id`, and once by (key, kind, amount) if the provider repeats itself under new ids;
- an event of unknown kind is `IGNORED` and acknowledged; an event for an unknown payment is answered with `retry_later`;
- events may come in any order: each tells its own amount, and `totals` when the provider knows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import Pairs, aware, fact_pairs, maybe, members, of, sorted_pairs, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.disputes import Dispute
from shopwright.payments.errors import BadNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals

BODY_LIMIT = 1_000_000
"""No provider sends more bytes than this; a larger body is refused unread."""

FRESHNESS = timedelta(seconds=300)
"""How far the time of a signature may be from the time of arrival, unless an adapter says otherwise."""

MOST_EVENTS = 1_000
"""No provider tells more at once; what tells more is refused whole."""


def _header_pairs(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    try:
        return tuple((name, value) for name, value in (headers.items() if isinstance(headers, Mapping) else headers))
    except (TypeError, ValueError):
        raise InvalidValue(f"expected headers as a mapping or as pairs of text, got {type(headers).__name__}") from None


@frozen(kw_only=True)
class RawNotification:
    """What came in over the wire: all headers in their order, the untouched body, the query string, and when it arrived."""

    headers: Pairs = field(converter=_header_pairs, validator=fact_pairs, repr=False)
    body: bytes = field(validator=of(bytes), repr=False)
    query: str = field(default="", validator=text(most=8_000), repr=False)
    received_at: datetime = field(validator=aware)

    def header(self, name: str) -> str:
        """The one header of this name, whatever its case; raises `BadNotification` when it is missing or there twice."""
        found = [value for given, value in self.headers if given.lower() == name.lower()]
        if len(found) != 1:
            raise BadNotification(f"expected exactly one header {name}, got {len(found)}")
        return found[0]

    def within(self, limit: int = BODY_LIMIT) -> bytes:
        """The body, if it is not larger than this; raises `BadNotification`."""
        if len(self.body) > limit:
            raise BadNotification(f"expected at most {limit} bytes, got {len(self.body)}")
        return self.body


@frozen
class Ack:
    """What to answer the provider: the exact status, bytes and content type that it expects."""

    status: int = field(validator=whole(least=100, most=599))
    body: bytes = field(default=b"", validator=of(bytes))
    content_type: str = field(default="text/plain", validator=text())


class EventKind(StrEnum):
    """What happened to a payment at the provider."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    FAILED = "failed"
    """The payment itself came to nothing: declined, abandoned, expired."""
    VOIDED = "voided"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    """A refund that was pending, or even reported as done, came back."""
    CHARGED_BACK = "charged_back"
    CHARGEBACK_REVERSED = "chargeback_reversed"
    """A dispute was won: money that was charged back is the shop's again."""
    DISPUTED = "disputed"
    """The buyer asks for the money back: `GatewayEvent.dispute` tells how that stands. No money moves by it."""
    REVIEW_OPENED = "review_opened"
    REVIEW_CLOSED = "review_closed"
    SPLIT_DONE = "split_done"
    IGNORED = "ignored"
    """Nothing that the shop knows about; acknowledge and move on."""


@frozen(kw_only=True)
class GatewayEvent:
    """One fact that the provider tells.

    `reference` is the provider's name of the payment and `payment_key` the key of its `start`, so that an event that overtakes
    the answer of `start` still finds its payment. `our_key` is the key of the operation that this event is about (the refund, the
    capture); for the start itself both keys are the same. `amount` is what moved by this event. `dispute` is told by `DISPUTED`, and by nothing else.
    """

    event_id: str = field(validator=text(least=1))
    kind: EventKind = field(validator=of(EventKind))
    reference: str = field(validator=text())
    occurred_at: datetime = field(validator=aware)
    payment_key: OperationKey | None = field(default=None, validator=maybe(of(OperationKey)))
    our_key: OperationKey | None = field(default=None, validator=maybe(of(OperationKey)))
    amount: Money | None = field(default=None, validator=maybe(of(Money)))
    totals: Totals | None = field(default=None, validator=maybe(of(Totals)))
    merchant_account: str = field(default="", validator=text())
    raw: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)
    dispute: Dispute | None = field(default=None, validator=maybe(of(Dispute)))

    def __attrs_post_init__(self) -> None:
        if (self.kind is EventKind.DISPUTED) != (self.dispute is not None):
            there = "with" if self.dispute else "without"
            raise InvalidValue(f"an event of kind disputed, and no other, tells a dispute; got {self.kind.value} {there} one")


@frozen
class Notification:
    """The events of one verified notification, and the answers: `ok` once they are kept, `retry_later` to get them again.

    `signed_at` is the time under the provider's signature, where it signs one, and `fresh_for` how far that may be from the arrival.
    `account` is the merchant account that the adapter was made for; events that name another one are not for this shop.
    """

    events: tuple[GatewayEvent, ...] = field(validator=members(GatewayEvent))
    ok: Ack = field(validator=of(Ack))
    retry_later: Ack = field(validator=of(Ack))
    signed_at: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    fresh_for: timedelta = field(default=FRESHNESS, validator=of(timedelta), kw_only=True)
    account: str = field(default="", validator=text(), kw_only=True)

    def demand_fit(self, raw: RawNotification) -> None:
        """Raise `BadNotification` unless it was signed when it arrived, is for this account, and tells no more than `MOST_EVENTS` events."""
        if self.signed_at is not None and abs(raw.received_at - self.signed_at) > self.fresh_for:
            raise BadNotification(f"the notification was signed at another time than it arrived; at most {self.fresh_for} between them is fine")
        for event in self.events:
            if self.account and event.merchant_account not in ("", self.account):
                raise BadNotification("the notification is for another merchant account")
        if len(self.events) > MOST_EVENTS:
            raise BadNotification(f"expected at most {MOST_EVENTS} events, got {len(self.events)}")
