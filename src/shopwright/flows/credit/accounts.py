"""Store credit of members: given, taken out again, and given back for what was paid otherwise.

Rules
- an account that is not there is an empty one, and begins with its first entry;
- a refund as store credit and the credit are one changeset: neither is ever without the other;
- what was paid with points or with kept money goes back where it came from, and never becomes store credit.

Refusals, told in this order: `order_not_found`, `payment_currency`, `credit_currency`, `credit_unknown`, `payment_unknown`, `credit_refund_origin`,
`refund_above_paid`; those of `shopwright.credit.ledger`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount
from shopwright.credit.books import CreditLot, Origin
from shopwright.credit.ledger import Posted
from shopwright.credit.naming import credit_account_id, holder_of
from shopwright.credit.programs import StoreCredit
from shopwright.errors import InvalidValue
from shopwright.flows import claims
from shopwright.flows.checking import takes
from shopwright.flows.credit.commands import GrantCredit, RefundAsCredit, TakeOutCredit
from shopwright.flows.credit.saving import TRIES, CreditChanges, Decided, KeptCredit, account_unknown, changes_of, kept_credit, take
from shopwright.flows.ports import Ports
from shopwright.flows.saving import commit, operation, read
from shopwright.flows.settling import settle
from shopwright.flows.trying import tried
from shopwright.loyalty.entries import Cause
from shopwright.money import Money
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.orders.refunds import unknown
from shopwright.ports.storage import Stored
from shopwright.refusals import Refusal


@takes(GrantCredit)
def grant_credit(ports: Ports, command: GrantCredit, *, at: datetime) -> CreditAccount | Refusal:
    """Give store credit. Refused with `credit_currency`. Raises `InvalidValue` for a time that is over, and in a shop that keeps no store credit."""
    program = store_of(ports)

    def decide() -> Decided | Refusal:
        if refusal := wrong_currency(program.currencies, command.amount):
            return refusal
        lot = CreditLot(
            id=command.key,
            amount=command.amount.minor,
            origin=Origin.GRANTED,
            since=at,
            expires_at=command.expires_at or program.lapses(at),
        )
        kept = account_for(ports, program, command.member_id, command.amount.currency)
        return decided(kept, ledger.put_in(kept.account, lot, cause=_cause(command), at=at))

    return take(ports, command, decide, lambda: account_for(ports, program, command.member_id, command.amount.currency).account, at=at)


@takes(TakeOutCredit)
def take_out_credit(ports: Ports, command: TakeOutCredit, *, at: datetime) -> CreditAccount | Refusal:
    """Take money out of an account. Refused with `credit_unknown`, `credit_currency`, `credit_waiting`, `credit_void` and `credit_short`."""

    def decide() -> Decided | Refusal:
        kept = kept_credit(ports, command.account_id)
        if kept is None:
            return account_unknown(command.account_id)
        if refusal := wrong_currency((kept.account.currency,), command.amount):
            return refusal
        return decided(kept, ledger.take_out(kept.account, command.amount.minor, cause=_cause(command), at=at))

    return take(ports, command, decide, lambda: there(ports, command.account_id), at=at)


@takes(RefundAsCredit)
def refund_as_credit(ports: Ports, command: RefundAsCredit, *, at: datetime) -> Order | Refusal:
    """Give money of a payment back as store credit of the buyer, in one changeset with the order.

    Refused with `order_not_found`, `payment_currency`, `credit_currency`, `payment_unknown`, `credit_refund_origin` or `refund_above_paid`. Raises
    `InvalidValue` in a shop that keeps no store credit.
    """
    program, op = store_of(ports), operation(ports, command, command.order_id)

    def attempt() -> Order | Refusal:
        stored = read(ports, command.order_id, command.by)
        if isinstance(stored, Refusal):
            return stored
        made = _refunded(ports, program, stored, command, at=at)
        if isinstance(made, Refusal):
            return made if ports.storage.answered(op) is None else stored.value
        decision, changes = made
        moves = (*claims.moves(stored.value, decision.order), *changes.moves)
        result = commit(ports, decision, op, expected=stored.version, moves=moves, at=at, puts=changes.puts, more=changes.records)
        if isinstance(result, Refusal):
            return result
        return stored.value if result.repeated else decision.order

    order = tried(ports.storage, attempt, most=TRIES)
    return order if isinstance(order, Refusal) else settle(ports, order, at=at)


def _refunded(
    ports: Ports, program: StoreCredit, stored: Stored[Order], command: RefundAsCredit, *, at: datetime
) -> tuple[Decision, CreditChanges] | Refusal:
    """What becomes of the order, and of the account of its buyer."""
    order, amount = stored.value, command.amount
    if amount.currency != order.currency:
        return Refusal("payment_currency", f"order {order.number} is in {order.currency}, not {amount.currency}", {"currency": order.currency})
    payment = order.payment(command.payment_id)
    if refusal := wrong_currency(program.currencies, amount):
        return refusal
    if payment is None:
        return unknown(order, command.payment_id)
    if payment.tender.gateway in ports.own_gateways:
        facts = {"payment": payment.id, "gateway": payment.tender.gateway}
        return Refusal("credit_refund_origin", f"payment {payment.id} goes back to {payment.tender.gateway}, where it came from", facts)
    decision = orders.repay(order, payment.id, amount.minor, reference=command.reference or program.id, by=command.by, at=at)
    if isinstance(decision, Refusal):
        return decision
    lot = CreditLot(id=command.key, amount=amount.minor, origin=Origin.REFUNDED, since=at, expires_at=program.lapses(at))
    kept = account_for(ports, program, order.buyer_id, amount.currency)
    cause = Cause(by=command.by, source=order.id, reason="refunded as store credit")
    posted = ledger.put_in(kept.account, lot, cause=cause, at=at)
    if isinstance(posted, Refusal):
        return posted
    return orders.watched(order, orders.give_back(decision, at=at), at=at), changes_of(kept, posted)


def store_of(ports: Ports) -> StoreCredit:
    """The program of store credit. Raises `InvalidValue` in a shop without one."""
    if ports.credit is None or ports.credit.store is None:
        raise InvalidValue("this shop keeps no store credit; give Shop(credit=CreditTerms(store=StoreCredit(...)))")
    return ports.credit.store


def account_for(ports: Ports, program: StoreCredit, member_id: str, currency: str) -> KeptCredit:
    """The account of a member, an empty one where it is not in the store yet."""
    id = credit_account_id(program.id, currency, member_id)
    blank = CreditAccount(id=id, program=program.id, currency=currency, holder=holder_of(member_id))
    return kept_credit(ports, id) or KeptCredit(blank)


def wrong_currency(currencies: tuple[str, ...], amount: Money) -> Refusal | None:
    """The refusal of money in a currency that is not kept."""
    if amount.currency in currencies:
        return None
    facts = {"currency": amount.currency, "kept": ", ".join(sorted(currencies))}
    return Refusal("credit_currency", f"money is kept in {', '.join(sorted(currencies))} here, not in {amount.currency}", facts)


def decided(kept: KeptCredit, posted: Posted | Refusal) -> Decided | Refusal:
    """What a posting writes, and the account that it leaves."""
    return posted if isinstance(posted, Refusal) else Decided(changes_of(kept, posted), posted.account)


def there(ports: Ports, account_id: str) -> CreditAccount:
    """An account that is in the store, as it stands."""
    kept = kept_credit(ports, account_id)
    assert kept is not None, "accounts are never taken out of the store"
    return kept.account


def _cause(command: GrantCredit | TakeOutCredit) -> Cause:
    return Cause(by=command.by, source=command.source, reason=command.reason)
