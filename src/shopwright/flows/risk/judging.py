"""Judge the payments of an order before their gateways are asked, in one changeset with the starts that follow from it.

Rules
- what is known is gathered and engines are asked before; then trails are read, the attempt is noted, the rules decide and all of it is written at
  once, so that a crash leaves neither a count without a decision nor a start without a count (RISK-12);
- an attempt is counted once for each command that tries to pay: a repeat of the command counts nothing and gets the same answer;
- engines are asked once for the order as it stands, also where the rules have to decide again because somebody else was faster on a trail;
- when one payment is refused none is started, and who pays is told no rule (RISK-9).
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, field, frozen

from shopwright import orders
from shopwright.errors import VersionConflict
from shopwright.flows.commands import PayOrder
from shopwright.flows.ports import Ports
from shopwright.flows.risk.gathering import NOTHING, Gathered, Linked, gathered, linked, with_own
from shopwright.flows.risk.links import risk_of
from shopwright.flows.risk.trails import Trails, links_of, trails
from shopwright.flows.saving import Taken, commit, operation, read
from shopwright.flows.trying import tries
from shopwright.orders import paying
from shopwright.orders.decision import Decision
from shopwright.orders.judging import Told, judged
from shopwright.orders.order import Order
from shopwright.payments.payment import Payment
from shopwright.payments.risk.rules import RiskPolicy, assess, with_counts
from shopwright.payments.risk.velocities import Happening, Kind
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.risk import IfUnscored, Risk
from shopwright.ports.storage import Operation, Put, Stored
from shopwright.refusals import Refusal
from shopwright.wire.risk_kinds import OrderLinks

TRIES = 400
"""How often a judgement is made again because somebody else noted something on the same trails: more than workers there are, many times over."""

BLOCKED = "blocked "
"""What the answer of a command begins with whose payment was refused."""


def blocked(order: Order) -> Refusal:
    """The refusal of a payment that the rules refuse; it names none of them."""
    return Refusal("payment_blocked", f"order {order.number} cannot be paid this way", {"order": order.id})


def to_judge(risk: Risk | None, order: Order) -> tuple[Payment, ...]:
    """The payments that are due and are judged."""
    return () if risk is None else tuple([it for it in paying.due(order) if it.tender.gateway not in risk.unjudged])


@frozen
class _Known:
    """What was gathered of the payments of an order."""

    version: int
    payments: tuple[Gathered, ...]
    linked: Linked = field(repr=False)
    before: Stored[OrderLinks] | None = field(repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple([it.payment.id for it in self.payments])


def pay_judged(ports: Ports, command: PayOrder, *, at: datetime) -> Taken | Refusal:
    """Judge what is due, and store the starts that follow.

    Refused with `order_not_found`, `nothing_due`, `payment_blocked`, and `payment_unjudged` where an engine is silent that must not be. Raises
    `IllegalTransition`, `KeyConflict`, and `InvalidValue` for a gateway that the shop does not have and a currency without a policy.
    """
    op = operation(ports, command, command.order_id)
    known: _Known | None = None
    for left in tries(ports.storage, TRIES):
        stored = read(ports, command.order_id, command.by)
        done = ports.storage.answered(op)  # asked after the order was read: whoever has done it meanwhile has changed that
        if done is not None:
            return _as_before(ports, command, done.text)
        if isinstance(stored, Refusal):
            return stored
        started = _started(ports, stored.value, command, at=at)  # what cannot be started is not judged
        if isinstance(started, Refusal):
            return started
        if known is None or known.version != stored.version:
            known = _gathered(ports, stored, to_judge(ports.risk, stored.value), command, at=at)
        if no := _unjudged(ports, stored.value, known):
            return no
        try:
            return _attempted(ports, stored, known, command, op, at=at)
        except VersionConflict:
            if not left:
                raise
            known = known if known.before == ports.storage.load(OrderLinks, command.order_id) else None
    raise AssertionError("the last try returns or raises")


def _as_before(ports: Ports, command: PayOrder, answer: str) -> Taken | Refusal:
    stored = read(ports, command.order_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    return blocked(stored.value) if answer.startswith(BLOCKED) else Taken(stored.value)


def _gathered(ports: Ports, stored: Stored[Order], due: tuple[Payment, ...], command: PayOrder, *, at: datetime) -> _Known:
    order = stored.value
    if not due:
        return _Known(stored.version, (), Linked(OrderLinks(id=order.id, buyer_id=order.buyer_id)), None)
    before = ports.storage.load(OrderLinks, order.id)
    context = command.context or NOTHING
    policy = risk_of(ports).policy(order.currency)
    known = linked(ports, order.id, order.buyer_id, context, before=None if before is None else before.value)
    known = with_own(ports, known, order, due, policy)
    return _Known(stored.version, gathered(ports, order, due, known, context, at=at), known, before)


def _unjudged(ports: Ports, order: Order, known: _Known) -> Refusal | None:
    """The refusal where an engine says nothing without which nothing may be paid."""
    needed = {it.engine.name for it in risk_of(ports).engines if it.if_unscored is IfUnscored.REFUSE}
    if not any(name in needed for it in known.payments for name, _ in it.silent):
        return None
    return Refusal("payment_unjudged", f"order {order.number} cannot be paid just now; try again soon", {"order": order.id})


def _attempted(ports: Ports, stored: Stored[Order], known: _Known, command: PayOrder, op: Operation, *, at: datetime) -> Taken | Refusal:
    """One attempt. Raises `VersionConflict` where somebody was faster."""
    policy = risk_of(ports).policy(stored.value.currency)
    links = [pair for it in known.payments for pair in it.facts.links]
    found = trails(ports, links, policy.links, fresh=known.linked.fresh)
    decision = _decided(ports, stored.value, known, policy, found, at=at)
    due = [it for it in (decision.order.payment(id) for id in known.ids) if it is not None and it.judged is not None]
    if any(it.judged is not None and it.judged.follows is Verdict.BLOCK for it in due):
        op = evolve(op, answer=f"{BLOCKED}{op.answer}")
    else:
        decision = _with_starts(ports, decision, command, at=at)
    puts = (*found.puts, *_kept(known))
    result = commit(ports, decision, op, expected=stored.version, moves=(), at=at, puts=puts, drops=found.drops)
    if isinstance(result, Refusal):
        return result
    if result.repeated:
        return _as_before(ports, command, result.answer)
    return blocked(decision.order) if result.answer.startswith(BLOCKED) else Taken(decision.order, decision.events)


def _kept(known: _Known) -> tuple[Put, ...]:
    kept, before = known.linked.kept, known.before
    if not known.payments or (before is not None and before.value == kept):
        return ()
    return (Put(kept.id, kept, 0 if before is None else before.version),)


def _decided(ports: Ports, order: Order, known: _Known, policy: RiskPolicy, found: Trails, *, at: datetime) -> Decision:
    """What the rules say of each payment, after its attempt was noted."""
    decision = Decision(order)
    moment = found.moment(at)
    for it in known.payments:
        payment = decision.order.payment(it.payment.id)
        assert payment is not None, "payments never leave their order"
        attempt = Happening(
            key=f"{order.id}/{payment.id}/{1 if payment.judged is None else payment.judged.times + 1}",
            kind=Kind.ATTEMPT,
            at=moment,
            amount=payment.tender.amount,
            currency=order.currency,
            links=links_of(it.facts.links, policy.distinct),
        )
        for kind, key in it.placing:
            placed = Happening(key=key, kind=kind, at=order.placed_at, currency=order.currency, links=attempt.links)
            found.note(it.facts.links, policy.links, placed, keep=policy.keep)
        found.note(it.facts.links, policy.links, attempt, keep=policy.keep)
        told = assess(policy, with_counts(evolve(it.facts, at=moment), policy, found.now))
        said = Told(assessment=told, scores=it.scores, silent=it.silent, doubtful=it.doubtful)
        more = judged(decision.order, payment, said, ports.gateway(payment.tender.gateway).capabilities, at=at)
        decision = Decision(more.order, (*decision.events, *more.events))
    return decision


def _started(ports: Ports, order: Order, command: PayOrder, *, at: datetime) -> Decision | Refusal:
    if not paying.due(order):
        return Refusal("nothing_due", f"order {order.number} has no payment that waits for a gateway", {"order": order.id})
    return _with_starts(ports, Decision(order), command, at=at)


def _with_starts(ports: Ports, decision: Decision, command: PayOrder, *, at: datetime) -> Decision:
    """The same with the starts of all that is due, as it was judged."""
    for payment in paying.due(decision.order):
        able = ports.gateway(payment.tender.gateway).capabilities
        started = orders.start(decision.order, payment.id, at=at, return_url=command.return_url, notify_url=command.notify_url, able=able)
        assert isinstance(started, Decision), "a payment that is due can be started"
        decision = Decision(started.order, (*decision.events, *started.events))
    return decision
