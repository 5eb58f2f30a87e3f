"""What a plug-in author gives the kit: a gateway on a stage, with the other side of the wire in the author's hands.

The other side is a fake of the provider: in memory, on a loopback port, or the provider's own sandbox. The kit asks it for what no
gateway can be asked for: a buyer who pays, a bank that says no, a connection that breaks, and an honest count of what moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import Any, NoReturn, Protocol, TypeVar

import pytest
from attrs import frozen

from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.errors import InvalidRequest, InvalidState, Unsupported
from shopwright.payments.notifications import EventKind, GatewayEvent, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.ports.gateway import PaymentGateway
from shopwright.testing.clock import FrozenClock
from shopwright.testing.gateway_contract.witness import connections

Need = Operation | Flow | str
Test = TypeVar("Test", bound=Callable[..., None])


@frozen
class Moved:
    """Money that moved at the provider: what kind of event, for which payment, how much."""

    kind: EventKind
    reference: str
    amount: Money


class GatewayStage(Protocol):
    """A gateway with the other side of it. `clock` is the one time for both."""

    @property
    def gateway(self) -> PaymentGateway:
        """The adapter under test."""
        ...

    @property
    def clock(self) -> FrozenClock:
        """The time of gateway and provider."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in the adapter's settings."""
        ...

    @property
    def signature_headers(self) -> tuple[str, ...]:
        """The headers of a notification that vouch for it."""
        ...

    def again(self) -> PaymentGateway:
        """Another gateway object with the same account at the same provider, as after a restart of the shop."""
        ...

    def stranger(self) -> PaymentGateway:
        """A gateway with the same provider's secrets and another merchant account."""
        ...

    def source(self, case: str) -> str | None:
        """The `source_token` that makes the provider behave so: ok, slow, a `DeclineReason`, capture_declined, refund_slow,
        refund_fails_late. Raises `pytest.skip.Exception` by `cannot_stage` where the provider's fake has no way to do it.
        """
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble, whatever it is."""
        ...

    def buyer_pays(self, reference: str) -> None:
        """The buyer does what an action asked for; a payment that is over stays as it is."""
        ...

    def ripen(self) -> None:
        """Let everything happen that is on its way at the provider."""
        ...

    def pushed(self) -> Sequence[RawNotification]:
        """Every notification so far from the first, signed now."""
        ...

    def noise(self) -> RawNotification:
        """A genuine notification of a kind that the adapter does not know."""
        ...

    def moved(self) -> Sequence[Moved]:
        """The provider's own count of what moved, oldest first."""
        ...


def cannot_stage(case: str) -> NoReturn:
    """What `GatewayStage.source` calls for a case that it has no way to bring about: the test is skipped and says why."""
    pytest.skip(f"the fake of this provider cannot stage {case!r}")


_numbers = count(1)
_refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)
"""What the running test found not declared, for the report; `None` where nobody wants to know."""


def a_key() -> OperationKey:
    """A key that no operation has had."""
    return OperationKey(f"contract_{next(_numbers):08d}")


def an_amount(stage: GatewayStage, parts: int = 6, currency: str | None = None) -> Money:
    """An amount that the gateway takes, and that divides into so many amounts that it takes too."""
    able = stage.gateway.capabilities
    chosen = currency or ("EUR" if able.currencies is None else min(able.currencies))
    step = able.step(chosen)
    least = -(-able.minimum(chosen) // step) * step
    return Money(max(least, step) * parts, chosen)


def a_start(
    stage: GatewayStage,
    *,
    case: str = "ok",
    key: OperationKey | None = None,
    amount: Money | None = None,
    capture: bool | None = None,
    flow: Flow | None = None,
    challenge: bool = False,
    installments: int = 1,
) -> StartPayment:
    """A request to start a payment that makes the provider behave as the case says; charged at once where that is possible."""
    able = stage.gateway.capabilities
    return StartPayment(
        key=key or a_key(),
        amount=amount or an_amount(stage),
        description="contract test",
        flow=flow or next((each for each in (Flow.TOKEN, Flow.SCAN_BUYER_CODE) if each in able.flows), min(able.flows)),
        capture=Operation.CHARGE in able.operations if capture is None else capture,
        challenge=challenge,
        installments=installments,
        source_token=stage.source(case),
        return_url="https://shop.example/back",
        notify_url="https://shop.example/notify",
        buyer=getattr(stage, "buyer", ()),
        at=stage.clock.now(),
    )


def authorized(stage: GatewayStage, *, case: str = "ok", amount: Money | None = None) -> Done:
    """A payment whose money is held and not taken."""
    return _settled(stage, a_start(stage, case=case, amount=amount, capture=False))


def captured(stage: GatewayStage, *, case: str = "ok", amount: Money | None = None) -> Done:
    """A payment whose money was taken, in whichever way the gateway can."""
    if Operation.CHARGE in stage.gateway.capabilities.operations:
        return _settled(stage, a_start(stage, case=case, amount=amount, capture=True))
    held = authorized(stage, case=case, amount=amount)
    return done(stage.gateway.capture(a_key(), held.reference, held.totals.authorized))


def _settled(stage: GatewayStage, request: StartPayment) -> Done:
    outcome = stage.gateway.start(request)
    reference = outcome.reference
    if not isinstance(outcome, Done) and reference is not None:
        stage.buyer_pays(reference)
        outcome = stage.gateway.query(reference=reference)
    return done(outcome)


def done(outcome: object) -> Done:
    """The outcome, which must be `Done`."""
    assert isinstance(outcome, Done), f"expected Done, got {outcome}"
    return outcome


def a_refund(of: Done, amount: Money | None = None, key: OperationKey | None = None) -> RefundPart:
    """A request to refund a payment, all of it unless an amount is given."""
    return RefundPart(key=key or a_key(), payment=of.reference, amount=amount or of.totals.captured, of_total=of.totals.captured, reason="contract")


def come(stage: GatewayStage, reference: str) -> None:
    """Let the buyer come to a payment without paying it, where the provider hears of it only then (`recalls_actions=False`).

    The stage of such a gateway has a method `buyer_comes(reference)`.
    """
    if not stage.gateway.capabilities.recalls_actions:
        stage.buyer_comes(reference)  # type: ignore[attr-defined]  # only stages of these gateways have it


def totals(stage: GatewayStage, reference: str) -> Totals:
    """What the gateway says about a payment now."""
    return done(stage.gateway.query(reference=reference)).totals


def given_back(stage: GatewayStage, paid: Done, *keys: OperationKey) -> Money:
    """What the gateway says went back of a payment: its totals or, where those do not count refunds, the refunds of these keys."""
    if stage.gateway.capabilities.counts_refunds:
        return totals(stage, paid.reference).refunded
    told = [stage.gateway.query_refund(paid.reference, key) for key in keys]
    return sum((done(each).totals.refunded for each in told), start=paid.totals.captured * 0)


def sum_of(stage: GatewayStage, kind: EventKind, reference: str | None = None) -> int:
    """How many minor units moved in events of this kind, by the provider's own count."""
    return sum(each.amount.minor for each in stage.moved() if each.kind is kind and reference in {None, each.reference})


def declares(stage: GatewayStage, need: Need) -> bool:
    """Whether the gateway says that it can do this."""
    able = stage.gateway.capabilities
    if isinstance(need, Operation):
        return need in able.operations
    if isinstance(need, Flow):
        return need in able.flows
    return bool(getattr(able, need))


def events_sum(kind: EventKind, events: Iterable[GatewayEvent]) -> int:
    """What the events of this kind say: their own amounts, or the totals of those that tell no amount."""
    told = [event for event in events if event.kind is kind]
    totals = [getattr(event.totals, kind.value).minor for event in told if event.amount is None and event.totals is not None]
    return max(totals, default=0) + sum(event.amount.minor for event in told if event.amount is not None)


def needs(*wanted: Need) -> Callable[[Test], Test]:
    """Run the test where all of this is declared; where something is not, demand that the gateway refuses just that, before any I/O."""

    def decorate(test: Test) -> Test:
        @wraps(test)
        def either_way(self: Any, stage: GatewayStage, *args: Any, **facts: Any) -> None:
            __tracebackhide__ = True
            missing = next((need for need in wanted if not declares(stage, need)), None)
            if missing is None:
                test(self, stage, *args, **facts)
            else:
                demand_refused(stage, missing)

        return either_way  # type: ignore[return-value]  # pytest sees the signature of the test through `wraps`

    return decorate


def note_refusal(need: object) -> None:
    """Tell the report that this is not declared."""
    told = _refused.get()
    if told is not None:
        told.append(str(need))


@contextmanager
def noting_refusals() -> Iterator[list[str]]:
    """What the kit finds not declared until the block ends."""
    found: list[str] = []
    token = _refused.set(found)
    try:
        yield found
    finally:
        _refused.reset(token)


def demand_refused(stage: GatewayStage, need: Need) -> None:
    """What the gateway does not declare it refuses, with `Unsupported` where that can be told without asking, and nothing moves."""
    note_refusal(need)
    if need in {"honors_keys", "refund_is_async"}:
        return  # these say what a provider does by itself; there is nothing to ask for in vain
    told_by_provider = need in {"partial_capture", "multi_capture"}
    attempt = _attempt(stage, need)
    before = list(stage.moved())
    with connections() as reached, pytest.raises((Unsupported, InvalidRequest, InvalidState) if told_by_provider else Unsupported):
        attempt()
    assert told_by_provider or reached == [], f"{need} is not declared, and the network was reached for before it was refused"
    assert list(stage.moved()) == before


def _attempt(stage: GatewayStage, need: Need) -> Callable[[], object]:
    """What is not declared, ready to be tried, with a payment that would allow it if there has to be one."""
    gateway, unknown, amount = stage.gateway, "no_such_payment", an_amount(stage)
    match need:
        case Operation.AUTHORIZE | Operation.CHARGE:
            return lambda: gateway.start(a_start(stage, capture=need is Operation.CHARGE))
        case Operation.CAPTURE:
            return lambda: gateway.capture(a_key(), unknown, amount)
        case Operation.VOID:
            return lambda: gateway.void(a_key(), unknown)
        case Operation.REFUND:
            return lambda: gateway.refund(RefundPart(key=a_key(), payment=unknown, amount=amount, of_total=amount))
        case Operation.SPLIT:
            return lambda: gateway.split(a_key(), unknown, (Split(receiver="seller", amount=amount),), finish=True)
        case Operation.LEDGER:
            return lambda: list(gateway.ledger(stage.clock.now(), stage.clock.now()))
        case Flow():
            return lambda: gateway.start(a_start(stage, flow=need))
        case "installments":
            return lambda: gateway.start(a_start(stage, installments=3))
        case "challenges":
            return lambda: gateway.start(a_start(stage, challenge=True))
        case "queries_by_key":
            return lambda: gateway.query(key=a_key())
        case "partial_refund":
            paid = captured(stage)
            return lambda: gateway.refund(a_refund(paid, an_amount(stage, 3)))
        case "partial_capture" | "multi_capture":
            held = authorized(stage)
            return lambda: gateway.capture(a_key(), held.reference, an_amount(stage, 3), final=need == "partial_capture")
        case "pushes_notifications":
            raw = RawNotification(headers=(), body=b"{}", received_at=stage.clock.now())
            return lambda: gateway.parse_notification(raw)
        case _:
            raise AssertionError(f"the kit has no way to try {need}")
