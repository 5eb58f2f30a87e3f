"""Match the lines of bank statements with the orders that they pay, and book them; and book by hand what nobody could match.

Rules
- BANK-6: a line is planned once, under its source and its id, before anything of it is booked, and booked from that plan: so it moves money once,
  however often a statement is read, by whomever, and whatever crashed in between;
- a plan that somebody has overtaken, by settling the order otherwise, ends with a person; what was booked of it stays, and is told;
- what is open of an order is what is owed and neither paid nor in prospect by other tenders; a transfer is taken in on the tender that awaits it,
  which may be cash at the door that a carrier hands on, and else on one that is added for it;
- a line that is told anew with other words or another amount is told apart, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from attrs import evolve, field, frozen

from shopwright.edges import text
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows.checking import moment, takes
from shopwright.flows.commands import AddPayment, Command, RecordPayment, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.flows.paying import add_payment, record
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation, read
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.members.actors import Actor, ActorKind
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.payments.payment import Payment, Tender, Via
from shopwright.payments.states import PaymentState
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Where
from shopwright.refusals import Refusal
from shopwright.settlement.transfers import Awaited, Share, StatementLine, Transfer, TransferState, Unclear, digest_of, matched

METHOD = "bank_transfer"
"""The method of tenders that are paid by transfer."""

ROUNDS = 5
"""How often one share is tried while others change its order."""


@frozen(kw_only=True)
class StatementReport:
    """What became of the lines of a statement: `booked` by this call or before, `unclear` for a person, `aside` by one, and how many went out.

    `changed` are ids of lines that were read before with another amount or other words: the bank, or whoever wrote the file, uses an id twice.
    """

    booked: tuple[Transfer, ...] = ()
    unclear: tuple[Transfer, ...] = ()
    aside: tuple[Transfer, ...] = ()
    changed: tuple[str, ...] = ()
    outgoing: int = 0


@frozen(kw_only=True)
class AssignTransfer(Command):
    """Say which orders an unclear transfer pays, as pairs of order id and minor units; none, with a `note`, for what pays no order.

    Raises `InvalidValue` for a customer, and for amounts that are not above zero.
    """

    transfer_id: str = field(validator=text(least=1, most=400))
    shares: tuple[tuple[str, int], ...] = field(default=())
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        only_keepers(self)
        if not _are_shares(self.shares):
            raise InvalidValue(f"AssignTransfer.shares must be pairs of order id and minor units above zero, got {self.shares!r}")
        if not self.shares and not self.note.strip():
            raise InvalidValue("AssignTransfer needs shares, or a note that says why the transfer pays no order")


def _are_shares(given: object) -> bool:
    return isinstance(given, tuple) and all(_is_share(pair) for pair in given)


def _is_share(pair: object) -> bool:
    match pair:
        case (str() as order_id, int() as amount):
            return bool(order_id) and type(amount) is int and amount > 0
        case _:
            return False


def match_statement(
    ports: Ports,
    source: str,
    lines: Iterable[StatementLine],
    *,
    by: Actor,
    at: datetime,
    method: str = METHOD,
    progress: Progress | None = None,
) -> StatementReport:
    """Book the lines of a statement of the account `source` on the orders that they name (BANK-1 to BANK-6). Safe to repeat, and in several workers.

    Raises `InvalidValue` for what is no line, no source, no method, no actor or no progress; what was read until then is kept.
    """
    at = moment(at)
    _demand(source, by, method, progress)
    report = StatementReport()
    for number, line in enumerate(lines, 1):
        if not isinstance(line, StatementLine):
            raise InvalidValue(f"expected lines of a statement, got {type(line).__name__} as the {number}. of them")
        report = _with(report, ports, source, line, by, at, method)
        if progress is not None:
            progress("lines", number)
    return report


def _demand(source: object, by: object, method: object, progress: object) -> None:
    if not isinstance(source, str) or not 0 < len(source) <= 150 or "/" in source:
        raise InvalidValue(f"expected the account of a statement as 1 to 150 characters without '/', such as its IBAN or a name, got {source!r}")
    if not isinstance(by, Actor) or by.kind is ActorKind.CUSTOMER:
        raise InvalidValue(f"expected `by` to be staff or the shop itself, got {by!r}; make one with staff(id)")
    if not isinstance(method, str) or not 0 < len(method) <= 60:
        raise InvalidValue(f"expected the method of tenders as 1 to 60 characters, got {method!r}")
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")


def _with(report: StatementReport, ports: Ports, source: str, line: StatementLine, by: Actor, at: datetime, method: str) -> StatementReport:
    if line.amount.minor <= 0:
        return evolve(report, outgoing=report.outgoing + 1)
    transfer = tried(ports.storage, lambda: _planned(ports, source, line, by=by, at=at, method=method))
    if transfer.digest != digest_of(line):
        return evolve(report, changed=(*report.changed, line.id))
    transfer = _settled(ports, transfer, at=at, method=method)
    match transfer.state:
        case TransferState.BOOKED:
            return evolve(report, booked=(*report.booked, transfer))
        case TransferState.ASIDE:
            return evolve(report, aside=(*report.aside, transfer))
        case _:
            return evolve(report, unclear=(*report.unclear, transfer))


def _planned(ports: Ports, source: str, line: StatementLine, *, by: Actor, at: datetime, method: str) -> Transfer:
    """The transfer of a line: as it is kept, or planned now."""
    id = fitted(f"{source}/{line.id}")
    stored = ports.storage.load(Transfer, id)
    if stored is not None:
        return stored.value
    told = matched(line, _named(ports, line, method), awaiting=_awaiting(ports, method))
    transfer = Transfer(
        id=id,
        source=source,
        line_id=line.id,
        booked_on=line.booked_on,
        amount=line.amount.minor,
        currency=line.amount.currency,
        digest=digest_of(line),
        state=TransferState.UNCLEAR if told.unclear else TransferState.PLANNED,
        by=by,
        at=at,
        shares=told.shares,
        unclear=told.unclear,
        proposals=told.proposals,
    )
    _write(ports, transfer, 0, at=at)
    return transfer


def _write(ports: Ports, transfer: Transfer, version: int, *, at: datetime) -> None:
    """Write a step that nobody asked for by a command: what it writes names it, so that nobody takes another one for it."""
    put = Put(transfer.id, transfer, version)
    ports.storage.commit(Changeset(Operation(f"transfer/{ports.codec.fingerprint(transfer)}/{version}", "keep"), at, puts=(put,)))


def _named(ports: Ports, line: StatementLine, method: str) -> Mapping[str, Awaited | None]:
    found: dict[str, Awaited | None] = {}
    for number in ports.numbers.find(line.text):
        page = ports.storage.find(Query(Order, where=(Where("number", Match.EQUAL, str(number)),), limit=1))
        found[str(number)] = _awaited(page.items[0].value, method) if page.items else None
    return found


def _awaiting(ports: Ports, method: str) -> Iterable[Awaited]:
    """Young orders that may be meant where no number is written: those that wait for a transfer."""
    page = ports.storage.find(Query(Order, where=(Where("state", Match.EQUAL, "placed"),), limit=200))
    waiting = [it.value for it in page.items if _recordable(it.value, method) is not None]
    return [_awaited(order, method) for order in waiting]


def _awaited(order: Order, method: str) -> Awaited:
    mine = _recordable(order, method)
    others = sum([it.prospect for it in order.payments if mine is None or it.id != mine.id])
    return Awaited(order_id=order.id, number=order.number, currency=order.currency, open=max(0, order.owed + order.going_back - others))


def _recordable(order: Order, method: str) -> Payment | None:
    """The tender that awaits a transfer: one by this method, or cash at the door that a carrier hands on, or a buyer pays by transfer after all."""
    by_transfer = [it for it in order.payments if it.tender.via is Via.EXTERNAL and it.tender.method == method and it.state is PaymentState.DUE]
    return next(iter([*by_transfer, *[it for it in order.payments if it.state is PaymentState.ON_DELIVERY]]), None)


def _settled(ports: Ports, transfer: Transfer, *, at: datetime, method: str) -> Transfer:
    """A planned transfer, booked as far as that is possible."""
    if transfer.state is not TransferState.PLANNED:
        return transfer
    booked = tuple([share for share in transfer.shares if _paid(ports, transfer, share, at=at, method=method)])
    return tried(ports.storage, lambda: _ended(ports, transfer, booked, at=at))


def _ended(ports: Ports, transfer: Transfer, booked: tuple[Share, ...], *, at: datetime) -> Transfer:
    stored = ports.storage.load(Transfer, transfer.id)
    assert stored is not None, "transfers are never dropped"
    if stored.value != transfer:
        return stored.value
    whole = booked == transfer.shares
    state = TransferState.BOOKED if whole else TransferState.UNCLEAR
    ended = evolve(transfer, state=state, shares=booked, unclear=None if whole else Unclear.OVERTAKEN)
    _write(ports, ended, stored.version, at=at)
    return ended


def _paid(ports: Ports, transfer: Transfer, share: Share, *, at: datetime, method: str) -> bool:
    """Whether this share stands on its order now, by whomever it was booked."""
    for _ in range(ROUNDS):
        stored = read(ports, share.order_id, transfer.by)
        if isinstance(stored, Refusal):
            return False
        order = stored.value
        if any(it.reference == transfer.id and it.captured for it in order.payments):
            return True
        if not _step(ports, order, transfer, share, at=at, method=method):
            return False
    return False


def _step(ports: Ports, order: Order, transfer: Transfer, share: Share, *, at: datetime, method: str) -> bool:
    """Record the share on the tender that awaits it, or add that; false when the order has no room for it."""
    if order.currency != transfer.currency:
        return False
    key, awaiting = f"transfer/{sha256(f'{transfer.id}/{order.id}'.encode()).hexdigest()}", _recordable(order, method)
    if awaiting is None:
        tender = Tender(method=method, amount=share.amount, via=Via.EXTERNAL)
        added = AddPayment(key=f"{key}/add", by=transfer.by, order_id=order.id, tenders=(tender,))
        return not isinstance(add_payment(ports, added, at=at), Refusal)
    amount = Money(share.amount, order.currency)
    taken = RecordPayment(
        key=key, by=transfer.by, order_id=order.id, payment_id=awaiting.id, amount=amount, reference=transfer.id, reason="by transfer"
    )
    try:
        return not isinstance(record(ports, taken, at=at), Refusal)
    except IllegalTransition:
        return True  # somebody was faster with this tender: look again


@takes(AssignTransfer)
def assign_transfer(ports: Ports, command: AssignTransfer, *, at: datetime) -> Transfer | Refusal:
    """Book an unclear transfer on the orders that a person names, or put it aside; the transfer as it stands then.

    It is `unclear` again (`overtaken`) where an order has no room for its share. Refused with `transfer_not_found`, `transfer_settled` for one
    that is booked or put aside, `transfer_shares` where the shares are not what came, and `order_not_found`.
    """
    op = operation(ports, command, command.transfer_id)

    def attempt() -> Transfer | Refusal:
        done = ports.storage.answered(op) is not None
        stored = ports.storage.load(Transfer, command.transfer_id)
        if stored is None:
            return Refusal("transfer_not_found", f"there is no transfer {command.transfer_id!r}", {"transfer": command.transfer_id})
        if done:
            return stored.value
        if no := _not_assignable(ports, stored.value, command):
            return no
        shares = tuple([Share(order_id, amount) for order_id, amount in command.shares])
        state = TransferState.PLANNED if shares else TransferState.ASIDE
        planned = evolve(stored.value, state=state, by=command.by, shares=(*stored.value.shares, *shares), unclear=None, note=command.note)
        result = ports.storage.commit(Changeset(op, at, puts=(Put(planned.id, planned, stored.version),)))
        return result if isinstance(result, Refusal) else planned

    planned = tried(ports.storage, attempt)
    return planned if isinstance(planned, Refusal) else _settled(ports, planned, at=at, method=METHOD)


def _not_assignable(ports: Ports, transfer: Transfer, command: AssignTransfer) -> Refusal | None:
    about = {"transfer": transfer.id}
    if transfer.state is not TransferState.UNCLEAR:
        return Refusal("transfer_settled", f"transfer {transfer.id} is {transfer.state}", {**about, "state": transfer.state.value})
    left = transfer.amount - sum([share.amount for share in transfer.shares])
    named = sum([amount for _, amount in command.shares])
    orders = [*[share.order_id for share in transfer.shares], *[id for id, _ in command.shares]]
    if command.shares and (named != left or len(set(orders)) < len(orders)):
        told = f"the shares of transfer {transfer.id} must be {left} minor units together, each order once, got {named}"
        return Refusal("transfer_shares", told, {**about, "left": left, "shares": named, "currency": transfer.currency})
    for order_id, _ in command.shares:
        if isinstance(stored := read(ports, order_id, command.by), Refusal):
            return stored
    return None
