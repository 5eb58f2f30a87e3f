"""What a gateway can do, as data: the flows read it before they ask, the contract kit checks it both ways.

Rules
- what is not listed raises `Unsupported` before any I/O, what is listed works;
- an amount is positive, in a declared currency, not below the minimum, and a multiple of the step of its currency;
- adapters call the `demand` methods first thing in an operation, so that all of them refuse in the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from attrs import field, frozen

from shopwright.edges import Validator, maybe, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import InvalidRequest, Unsupported
from shopwright.payments.operations import Flow, Operation
from shopwright.payments.requests import StartPayment

Amounts = tuple[tuple[str, int], ...]


def _amounts(given: Mapping[str, int] | Iterable[tuple[str, int]]) -> Amounts:
    return tuple(sorted(dict(given).items()))


def _positive(instance: Any, attribute: Any, value: Amounts) -> None:
    for _currency, minor in value:
        whole(least=1)(instance, attribute, minor)


def _operations(given: Iterable[Operation]) -> frozenset[Operation]:
    return frozenset(given)


def _flows(given: Iterable[Flow]) -> frozenset[Flow]:
    return frozenset(given)


def _currencies(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _each_of(kind: type) -> Validator:
    def check(instance: Any, attribute: Any, value: frozenset[Any]) -> None:
        for each in value:
            of(kind)(instance, attribute, each)

    return check


@frozen(kw_only=True)
class Capabilities:
    """What one gateway, with one account, can do.

    `currencies` of `None` means any. `idempotency_ttl` is how long the provider remembers a key; `None` means for ever.
    `honors_keys` says that a repeat with the same key moves no money again; `queries_by_key` that `query(key=...)` finds a
    payment by the key of its `start`. With neither, a lost answer stays indeterminate and says so.
    `recalls_actions` says that a query tells of a payment that waits for its buyer, with the same action. Where it does not, such a payment is
    `InProgress` or, until the buyer has come, `NotFound`; to start it again with its key gives the action again.
    `counts_refunds` says that the totals of a query tell every refund. Where they do not, they may tell fewer than there are: a refund is then known
    by its own answer, by `query_refund` and by its notification.
    With `installments` a buyer can pay the provider in so many parts as a start says (`StartPayment.installments`).
    With `challenges` a start can ask that the buyer proves who they are before any money is promised (`StartPayment.challenge`).
    With `saves_methods` a start can ask that the method is kept for later, and can charge one that was kept while the buyer is absent
    (`StartPayment.save` and `absent`); such a gateway is a `shopwright.ports.gateway.SavesMethods`.
    With `names_buyer` flows tell the id of who buys in `StartPayment.buyer`, as `id`.
    `amount_step` and `min_amount` are in minor units by currency; a currency that is not named has 1.
    """

    operations: frozenset[Operation] = field(converter=_operations, validator=_each_of(Operation))
    flows: frozenset[Flow] = field(converter=_flows, validator=_each_of(Flow))
    currencies: frozenset[str] | None = field(default=None, converter=_currencies)
    partial_capture: bool = False
    multi_capture: bool = False
    partial_refund: bool = True
    max_refunds: int | None = field(default=None, validator=maybe(whole(least=1)))
    refund_is_async: bool = False
    auth_ttl: timedelta | None = field(default=None, validator=maybe(of(timedelta)))
    refund_window: timedelta | None = field(default=None, validator=maybe(of(timedelta)))
    idempotency_ttl: timedelta | None = field(default=None, validator=maybe(of(timedelta)))
    honors_keys: bool = True
    queries_by_key: bool = True
    pushes_notifications: bool = True
    recalls_actions: bool = True
    counts_refunds: bool = True
    names_buyer: bool = False
    challenges: bool = False
    installments: bool = False
    saves_methods: bool = False
    amount_step: Amounts = field(default=(), converter=_amounts, validator=_positive)
    min_amount: Amounts = field(default=(), converter=_amounts, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if self.multi_capture and not self.partial_capture:
            raise InvalidValue("capabilities with multi_capture need partial_capture too: several captures of one payment are parts of it")
        if not self.operations & {Operation.AUTHORIZE, Operation.CHARGE}:
            raise InvalidValue("capabilities need Operation.CHARGE or Operation.AUTHORIZE: a gateway must be able to start a payment")

    def step(self, currency: str) -> int:
        """Amounts in this currency are multiples of so many minor units."""
        return dict(self.amount_step).get(currency, 1)

    def minimum(self, currency: str) -> int:
        """The smallest amount of a payment in this currency, in minor units."""
        return dict(self.min_amount).get(currency, 1)

    def demand(self, operation: Operation) -> None:
        """Raise `Unsupported` unless this operation is listed."""
        if operation not in self.operations:
            raise Unsupported(f"this gateway cannot {operation}; it can: {', '.join(sorted(self.operations))}")

    def demand_tender(self, currency: str, *, installments: int = 1, saves: bool = False) -> None:
        """Raise `Unsupported` for a currency that is not listed, and for installments and saved methods where there are none: told before an order
        is placed.
        """
        if self.currencies is not None and currency not in self.currencies:
            raise Unsupported(f"this gateway does not take {currency}; it takes: {', '.join(sorted(self.currencies))}")
        if installments > 1 and not self.installments:
            raise Unsupported(f"this gateway takes no installments, got {installments}; let the buyer pay it whole, or by another gateway")
        if saves and not self.saves_methods:
            raise Unsupported("this gateway keeps no methods of payment; let the buyer pay with a fresh one")

    def demand_amount(self, amount: Money) -> None:
        """Raise `Unsupported` for a currency that is not listed, `InvalidRequest` for an amount that is not positive or off the step."""
        self.demand_tender(amount.currency)
        if amount.minor <= 0:
            raise InvalidRequest(f"an amount must be positive, got {amount}")
        if amount.minor % self.step(amount.currency):
            raise InvalidRequest(f"amounts in {amount.currency} are multiples of {self.step(amount.currency)} minor units here, got {amount}")

    def demand_start(self, request: StartPayment) -> None:
        """All that can be told about a start without asking the provider; raises `Unsupported` or `InvalidRequest`."""
        self.demand(Operation.CHARGE if request.capture else Operation.AUTHORIZE)
        if request.flow not in self.flows:
            raise Unsupported(f"this gateway has no {request.flow} flow; it has: {', '.join(sorted(self.flows))}")
        if request.challenge and not self.challenges:
            raise Unsupported("this gateway cannot ask the buyer for a proof; start the payment without challenge=True")
        self.demand_tender(request.amount.currency, installments=request.installments, saves=request.save or request.absent)
        self.demand_amount(request.amount)
        least = self.minimum(request.amount.currency)
        if request.amount.minor < least:
            raise InvalidRequest(f"the smallest payment here is {Money(least, request.amount.currency)}, got {request.amount}")
