"""Gift cards: made, activated, topped up, voided, and found by their codes.

Rules
- a card is found by its code alone, and who looks in vain too often is not answered: `subject` is what a host counts by, as for coupons;
- a mistyped code tells nothing and costs nothing; one that nobody has costs an attempt;
- to activate a card that is active, and to void one that is void, changes nothing.

Refusals, told in this order: `card_attempts`, `card_mistyped`, `card_unknown`; `credit_currency`, `card_exists`, `card_above_most`; those of
`shopwright.credit.ledger`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount, CreditState
from shopwright.credit.books import CreditLot, Origin
from shopwright.credit.cards import card_code, card_id, card_pass, ending
from shopwright.credit.ledger import Posted
from shopwright.credit.programs import GiftCards
from shopwright.edges import text_problem
from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment, takes
from shopwright.flows.credit.accounts import decided, there, wrong_currency
from shopwright.flows.credit.commands import ActivateCard, IssueCard, KeepersCommand, TopUpCard, VoidCard
from shopwright.flows.credit.saving import Decided, KeptCredit, changes_of, kept_credit, take
from shopwright.flows.ports import Ports
from shopwright.loyalty.entries import Cause
from shopwright.members.actors import Actor, ActorKind
from shopwright.money import Money
from shopwright.payments.payment import Tender
from shopwright.promotions.code_attempts import note
from shopwright.refusals import Fact, Refusal


@frozen(kw_only=True)
class GiftCard:
    """A card with its code, for who may see it. The code is made anew each time, and never kept; it stays out of `repr`."""

    account: CreditAccount
    code: str

    def __repr__(self) -> str:
        return f"GiftCard(account={self.account!r})"


@takes(IssueCard)
def issue_card(ports: Ports, command: IssueCard, *, at: datetime) -> GiftCard | Refusal:
    """Make a card. Refused with `credit_currency`, `card_above_most` and `card_exists`. Raises `InvalidValue` in a shop without gift cards."""
    cards = cards_of(ports)
    code = card_code(cards, command.serial)
    id = id_of(cards, command.serial)

    def decide() -> Decided | Refusal:
        if refusal := wrong_currency(cards.currencies, command.amount) or above_most(cards, command.amount.minor):
            return refusal
        if kept_credit(ports, id) is not None:
            return Refusal("card_exists", f"there is a card of the serial {command.serial} already", {"serial": command.serial})
        if command.wait:
            waiting = new_card(cards, command.serial, command.amount.currency, face=command.amount.minor)
            return Decided(changes_of(KeptCredit(waiting), Posted(waiting)), waiting)
        kept = KeptCredit(new_card(cards, command.serial, command.amount.currency))
        lot = _lot(cards, command, command.amount.minor, sold=command.sold, expires_at=command.expires_at, at=at)
        return decided(kept, ledger.put_in(kept.account, lot, cause=_cause(command), at=at))

    account = take(ports, command, decide, lambda: there(ports, id), at=at)
    return account if isinstance(account, Refusal) else GiftCard(account=account, code=code)


@takes(ActivateCard)
def activate_card(ports: Ports, command: ActivateCard, *, at: datetime) -> CreditAccount | Refusal:
    """Fill a card that waited, as one that was sold. Refused with `card_unknown` and `credit_void`."""
    cards = cards_of(ports)

    def decide(kept: KeptCredit) -> Decided | Refusal:
        account = kept.account
        if account.state is CreditState.ACTIVE:
            return Decided(changes_of(kept, Posted(account)), account)
        if account.state is CreditState.VOID:
            return ledger.closed(account) or Decided(changes_of(kept, Posted(account)), account)
        lot = _lot(cards, command, account.face, sold=True, expires_at=None, at=at)
        return decided(kept, ledger.put_in(ledger.activate(account), lot, cause=_cause(command), at=at))

    return _on_card(ports, command, command.card_id, decide, at=at)


@takes(TopUpCard)
def top_up_card(ports: Ports, command: TopUpCard, *, at: datetime) -> CreditAccount | Refusal:
    """Put more on a card. Refused with `card_unknown`, `credit_currency`, `card_above_most`, `credit_waiting` and `credit_void`."""
    cards = cards_of(ports)

    def decide(kept: KeptCredit) -> Decided | Refusal:
        account, amount = kept.account, command.amount
        total = account.balance(at).available + account.balance(at).held + amount.minor
        if refusal := wrong_currency((account.currency,), amount) or above_most(cards, total):
            return refusal
        lot = _lot(cards, command, amount.minor, sold=command.sold, expires_at=None, at=at)
        return decided(kept, ledger.put_in(account, lot, cause=_cause(command), at=at))

    return _on_card(ports, command, command.card_id, decide, at=at)


@takes(VoidCard)
def void_card(ports: Ports, command: VoidCard, *, at: datetime) -> CreditAccount | Refusal:
    """Void a card. Refused with `card_unknown`."""

    def decide(kept: KeptCredit) -> Decided | Refusal:
        return decided(kept, ledger.void(kept.account, cause=_cause(command), at=at))

    return _on_card(ports, command, command.card_id, decide, at=at)


def find_card(ports: Ports, code: str, *, subject: str, at: datetime) -> CreditAccount | Refusal:
    """The card whose code was typed. Refused with `card_attempts`, `card_mistyped` and `card_unknown`. Raises `InvalidValue` for what is no text."""
    cards, at = cards_of(ports), moment(at)
    if problem := text_problem(subject, least=1):
        raise InvalidValue(f"the subject that attempts are counted by {problem}")
    limiter = cards.limiter
    if limiter is not None and not limiter.allow(subject, at=at):
        return Refusal("card_attempts", "too many wrong codes were entered; try again later")
    id = card_id(cards, code)
    if isinstance(id, Refusal):
        return id
    kept = kept_credit(ports, id)
    if kept is None:
        if limiter is not None:
            note(limiter, subject, code, at=at)
        return Refusal("card_unknown", "there is no card of this code")
    return kept.account


def card_tender(ports: Ports, code: str, amount: Money, *, buyer_id: str, subject: str, capture: bool = True, at: datetime) -> Tender | Refusal:
    """A tender of this buyer that pays so much with a card: it holds a pass (CARDS-3), and no code.

    Refused as `find_card`, and with `credit_currency`, `credit_waiting`, `credit_void` and `credit_short` by how the card stands now.
    """
    found = find_card(ports, code, subject=subject, at=at)
    if isinstance(found, Refusal):
        return found
    if problem := text_problem(buyer_id, least=1):
        raise InvalidValue(f"the buyer of a tender {problem}")
    if refusal := wrong_currency((found.currency,), amount) or ledger.closed(found):
        return refusal
    available = found.balance(at).available
    if amount.minor > available:
        facts: dict[str, Fact] = {"wanted": amount.minor, "available": available, "currency": found.currency}
        return Refusal("credit_short", f"{available} can be spent, less than {amount.minor}", facts)
    if amount.minor < 1:
        raise InvalidValue(f"expected an amount above zero, got {amount}")
    cards = cards_of(ports)
    return Tender(method=cards.id, amount=amount.minor, gateway=cards.gateway, source=card_pass(cards, found.id, buyer_id), capture=capture)


def code_of(ports: Ports, id: str, *, by: Actor) -> GiftCard | Refusal:
    """A card with its code, made anew for staff who send it once more. Refused with `card_unknown`, also to customers, who have their codes."""
    cards, kept = cards_of(ports), kept_credit(ports, id)
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    if kept is None or not kept.account.serial or by.kind is ActorKind.CUSTOMER:
        return card_unknown(id)
    return GiftCard(account=kept.account, code=card_code(cards, kept.account.serial))


def cards_of(ports: Ports) -> GiftCards:
    """The program of gift cards. Raises `InvalidValue` in a shop without one."""
    if ports.credit is None or ports.credit.cards is None:
        raise InvalidValue("this shop has no gift cards; give Shop(credit=CreditTerms(cards=GiftCards(...)))")
    return ports.credit.cards


def id_of(cards: GiftCards, serial: str) -> str:
    """The id of the card of a serial."""
    id = card_id(cards, card_code(cards, serial))
    assert isinstance(id, str), "codes that the shop makes are of their form"
    return id


def new_card(cards: GiftCards, serial: str, currency: str, *, face: int = 0) -> CreditAccount:
    """A card with nothing in it; with a `face` one that waits for that."""
    state = CreditState.WAITING if face else CreditState.ACTIVE
    last = ending(card_code(cards, serial))
    return CreditAccount(id=id_of(cards, serial), program=cards.id, currency=currency, serial=serial, ending=last, state=state, face=face)


def card_unknown(id: str) -> Refusal:
    """The refusal for a card that is not there."""
    return Refusal("card_unknown", f"there is no card {id!r}", {"card": id})


def above_most(cards: GiftCards, amount: int) -> Refusal | None:
    """The refusal of more than a card may be worth."""
    if amount <= cards.most:
        return None
    return Refusal("card_above_most", f"a card is worth {cards.most} at most, not {amount}", {"amount": amount, "most": cards.most})


def _on_card(
    ports: Ports, command: KeepersCommand, id: str, decide: Callable[[KeptCredit], Decided | Refusal], *, at: datetime
) -> CreditAccount | Refusal:
    def attempt() -> Decided | Refusal:
        kept = kept_credit(ports, id)
        return card_unknown(id) if kept is None or not kept.account.serial else decide(kept)

    return take(ports, command, attempt, lambda: there(ports, id), at=at)


def _lot(cards: GiftCards, command: KeepersCommand, amount: int, *, sold: bool, expires_at: datetime | None, at: datetime) -> CreditLot:
    origin = Origin.SOLD if sold else Origin.GRANTED
    return CreditLot(id=command.key, amount=amount, origin=origin, since=at, expires_at=expires_at or cards.lapses(at))


def _cause(command: KeepersCommand) -> Cause:
    return Cause(by=command.by, source=command.source, reason=command.reason)
