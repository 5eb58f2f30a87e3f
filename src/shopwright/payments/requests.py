"""What is sent to a gateway, as values: one way to start a payment for card, redirect and QR alike.

Rules
- every request carries the key under which it is done once;
- amounts are positive `Money`; which currencies and steps are fine is told by `Capabilities`;
- `source_token` and `buyer` never show in a `repr`, so that they stay out of logs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.edges import Pairs, aware, fact_pairs, maybe, of, sorted_pairs, text, whole
from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money import Money
from shopwright.payments.card_numbers import demand_no_card_number, no_card_in_facts
from shopwright.payments.operations import Flow, OperationKey


def _positive(instance: Any, attribute: Any, value: Any) -> None:
    of(Money)(instance, attribute, value)
    if value.minor <= 0:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be positive, got {value}")


_URL = maybe(text(least=1, most=4_000))


@frozen(kw_only=True)
class StartPayment:
    """Begin a payment of `amount`.

    `capture=False` only authorizes, and `challenge=True` asks that the buyer proves who they are first (3-D Secure), also where the provider would
    not want that; it is for gateways that declare `challenges`. In so many `installments` the buyer pays the provider, which pays the shop at
    once; more than one is for gateways that declare them. With `save` the provider keeps the method for the next time, for its `owner` there if
    the buyer has one already; `absent=True` says that the buyer is not there to prove anything. Both are for gateways that declare `saves_methods`,
    and one excludes the other. `at` is when the shop asks; `expires_at` is until when the buyer may pay. `buyer` and
    `extra` are facts that some providers want (an e-mail address, an open id); both are sorted pairs.
    """

    key: OperationKey = field(validator=of(OperationKey))
    amount: Money = field(validator=_positive)
    description: str = field(validator=text())
    flow: Flow = field(validator=of(Flow))
    capture: bool = field(default=True, validator=of(bool))
    challenge: bool = field(default=False, validator=of(bool))
    installments: int = field(default=1, validator=whole(least=1, most=999))
    source_token: str | None = field(default=None, validator=maybe(text(least=1, most=4_000)), repr=False)
    owner: str = field(default="", validator=text(), repr=False)
    save: bool = field(default=False, validator=of(bool))
    absent: bool = field(default=False, validator=of(bool))
    return_url: str | None = field(default=None, validator=_URL)
    notify_url: str | None = field(default=None, validator=_URL)
    expires_at: datetime | None = field(default=None, validator=maybe(aware))
    buyer: Pairs = field(default=(), converter=sorted_pairs, validator=[fact_pairs, no_card_in_facts], repr=False)
    extra: Pairs = field(default=(), converter=sorted_pairs, validator=[fact_pairs, no_card_in_facts])
    at: datetime = field(validator=aware)

    def __attrs_post_init__(self) -> None:
        if self.source_token and self.flow is not Flow.SCAN_BUYER_CODE:
            demand_no_card_number("StartPayment.source_token", self.source_token)
        if self.save and self.absent:
            raise InvalidValue("StartPayment cannot save a method while its buyer is absent: nobody is there to allow it")


@frozen(kw_only=True)
class RefundPart:
    """Give `amount` of a payment back. `payment` is the provider's reference, `of_total` what was captured in all."""

    key: OperationKey = field(validator=of(OperationKey))
    payment: str = field(validator=text(least=1))
    amount: Money = field(validator=_positive)
    of_total: Money = field(validator=_positive)
    reason: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        if self.amount.currency != self.of_total.currency:
            raise CurrencyMismatch(f"a refund is in the currency of its payment, got {self.amount} of {self.of_total}")


@frozen(kw_only=True)
class Split:
    """The share of one receiver in a captured payment."""

    receiver: str = field(validator=text(least=1))
    amount: Money = field(validator=_positive)
    memo: str = field(default="", validator=text())
