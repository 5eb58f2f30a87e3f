"""Gift cards that are sold as goods: follow the events of orders, make and fill the cards that were paid for, and void those whose sale was undone.

Rules
- CARDS-4: what there is of cards is told by the order as it stands, and each unit has a serial of its own, so events may come twice, late and in any
  order: of a line there are no more cards than units that are not gone, and none before what is owed is paid;
- a card is worth the unit price of its line before discounts; what was given away with an order is a present, and no income when it lapses;
- of a line whose units go back the cards that nobody has spent from are voided first, the last before the others; what was spent by then is spent;
- a card that staff have voided is not made anew.

The position of the follower is kept under the name `gift cards`. A host runs `follow_cards` as often as it runs the sweep, in as many workers as it
likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount, CreditState
from shopwright.credit.books import CreditLot, Origin
from shopwright.credit.cards import card_code
from shopwright.credit.ledger import Posted
from shopwright.credit.programs import GiftCards
from shopwright.flows.checking import moment
from shopwright.flows.credit.cards import GiftCard, cards_of, id_of, new_card
from shopwright.flows.credit.saving import TRIES, KeptCredit, changes_of
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import relay
from shopwright.flows.saving import fitted, read
from shopwright.flows.trying import tried
from shopwright.loyalty.entries import Cause
from shopwright.members.actors import Actor
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.ports.storage import Changeset, Operation, Recorded, Stored
from shopwright.refusals import Refusal

CONSUMER = "gift cards"

_SOLD = frozenset({OrderState.CONFIRMED, OrderState.COMPLETED})


def follow_cards(ports: Ports, *, at: datetime, limit: int = 100) -> int:
    """Make, fill and void the cards that the next events of orders are about, `limit` events at most; how many those were, 0 when nothing is new.

    Safe to run at the same time in several workers, and again after a crash. Raises `InvalidValue` in a shop without gift cards, and as `relay`.
    """
    cards, now = cards_of(ports), moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        for order_id in dict.fromkeys([it.key for it in recorded]):
            _followed(ports, cards, order_id, at=now)

    return relay(ports, CONSUMER, deliver, at=now, limit=limit)


def cards_in_order(ports: Ports, order_id: str, *, by: Actor) -> tuple[GiftCard, ...] | Refusal:
    """The cards that were sold with an order, with their codes, made anew for its buyer and for staff. Refused with `order_not_found`."""
    cards, stored = cards_of(ports), read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    serials = [serial for line in _lines(cards, stored.value) for serial in _serials(stored.value, line)]
    found = ports.storage.load_many(CreditAccount, [id_of(cards, serial) for serial in serials])
    return tuple([GiftCard(account=it.value, code=card_code(cards, it.value.serial)) for it in found.values()])


def _followed(ports: Ports, cards: GiftCards, order_id: str, *, at: datetime) -> None:
    """Bring the cards of an order to what it says; anew while somebody changes it, so that no slow worker leaves what an order said before."""
    seen = -1
    while (stored := ports.storage.load(Order, order_id)) is not None and stored.value.event_count != seen:
        order, seen = stored.value, stored.value.event_count
        wrote = [_brought(ports, cards, order, line, at=at) for line in _lines(cards, order)]
        if not any(wrote):
            return


def _brought(ports: Ports, cards: GiftCards, order: Order, line: OrderLine, *, at: datetime) -> bool:
    """Bring the cards of a line to what the order says; whether there was anything to do."""
    serials = _serials(order, line)
    found = ports.storage.load_many(CreditAccount, [id_of(cards, serial) for serial in serials])
    alive = _alive(order, line)
    good = [it.value for it in found.values() if it.value.state is not CreditState.VOID]
    if len(good) > alive:
        for account in sorted(good, key=lambda it: (it.used, -serials.index(it.serial)))[: len(good) - alive]:
            _voided(ports, account.id, order, at=at)
        return True
    if order.state not in _SOLD or order.paid < order.owed or len(found) >= alive:
        return False
    for serial in [it for it in serials if id_of(cards, it) not in found][: alive - len(found)]:
        _made(ports, cards, order, line, serial, at=at)
    return True


def _made(ports: Ports, cards: GiftCards, order: Order, line: OrderLine, serial: str, *, at: datetime) -> None:
    """One card with its money, once; whoever comes second finds the operation done."""
    origin = Origin.SOLD if line.given_by is None else Origin.GRANTED
    kept = KeptCredit(new_card(cards, serial, order.currency))
    lot = CreditLot(id=serial, amount=line.unit_price, origin=origin, since=at, expires_at=cards.lapses(at))
    posted = ledger.put_in(kept.account, lot, cause=Cause(source=order.id, reason="sold"), at=at)
    assert isinstance(posted, Posted), "a new card is active"

    def attempt() -> None:
        if ports.storage.load(CreditAccount, kept.account.id) is None:
            _commit(ports, kept, posted, Operation(fitted(f"cards/{serial}"), "sell"), at=at)

    tried(ports.storage, attempt, most=TRIES)


def _voided(ports: Ports, id: str, order: Order, *, at: datetime) -> None:
    def attempt() -> None:
        stored: Stored[CreditAccount] | None = ports.storage.load(CreditAccount, id)
        assert stored is not None, "accounts are never taken out of the store"
        kept = KeptCredit(stored.value, stored.version)
        posted = ledger.void(kept.account, cause=Cause(source=order.id, reason="its sale was undone"), at=at)
        if posted.entries:
            _commit(ports, kept, posted, Operation(fitted(f"cards/{stored.value.serial}/{stored.value.entry_count}"), "void"), at=at)

    tried(ports.storage, attempt, most=TRIES)


def _commit(ports: Ports, kept: KeptCredit, posted: Posted, op: Operation, *, at: datetime) -> None:
    made = changes_of(kept, posted)
    ports.storage.commit(Changeset(op, at, puts=made.puts, moves=made.moves, records=made.records))


def _lines(cards: GiftCards, order: Order) -> Iterator[OrderLine]:
    """The lines by which cards are sold: nothing is kept in other currencies, and nothing is worth nothing."""
    if order.currency in cards.currencies:
        yield from (line for line in order.lines if line.sku in cards.goods and line.unit_price > 0)


def _alive(order: Order, line: OrderLine) -> int:
    """The units of a line that are neither called off, nor back, nor paid back."""
    if order.state is OrderState.CANCELED:
        return 0
    settled = sum([it.units for it in order.settled if it.line_no == line.line_no])
    return line.quantity - line.buckets.canceled - max(settled, line.buckets.returned + line.buckets.lost)


def _serials(order: Order, line: OrderLine) -> list[str]:
    """The serials of the units of a line."""
    return [f"{order.id}/{line.line_no}/{unit}" for unit in range(1, line.quantity + 1)]
