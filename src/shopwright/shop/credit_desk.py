"""The desk of money that the shop keeps: store credit of members, gift cards, and what is owed of both."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.credit.account import CreditAccount, CreditBalance
from shopwright.credit.liability import Liability
from shopwright.flows.credit import cards, looking, selling
from shopwright.flows.credit import commands as c
from shopwright.flows.credit.cards import GiftCard
from shopwright.members.actors import SYSTEM, Actor
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.payments.payment import Tender
from shopwright.ports.storage import START, Position, Recorded
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Credit(Desk):
    """Store credit and gift cards."""

    def account(self, account_id: str, *, by: Actor = SYSTEM) -> CreditAccount | Refusal:
        """An account. Refused with `credit_unknown`, to customers for all but their own store credit."""
        return looking.account(self.ports, account_id, by=by)

    def accounts_of(self, member_id: str, *, by: Actor = SYSTEM) -> tuple[CreditAccount, ...] | Refusal:
        """The accounts of store credit of a member, one for each currency. Refused with `credit_unknown` when they are somebody else's."""
        return looking.accounts_of(self.ports, member_id, by=by)

    def balance(self, member_id: str, currency: str, *, by: Actor = SYSTEM, at: datetime | None = None) -> CreditBalance | Refusal:
        """What store credit a member can spend in a currency, and what is held of it. Refused with `credit_currency` and `credit_unknown`."""
        return looking.balance(self.ports, member_id, currency, by=by, at=self._at(at))

    def entries(self, account_id: str, *, after: Position = START, limit: int = 100, by: Actor = SYSTEM) -> tuple[Recorded, ...] | Refusal:
        """The entries of an account page by page, oldest first; the position of the last one is the next page's `after`."""
        return looking.entries(self.ports, account_id, after=after, limit=limit, by=by)

    def liability(self, *, as_of: datetime | None = None) -> tuple[Liability, ...]:
        """What the shop owes, by program and currency, from all entries: let `expire` run first."""
        return looking.liability(self.ports, as_of=self._at(as_of))

    def find_card(self, code: str, *, subject: str, at: datetime | None = None) -> CreditAccount | Refusal:
        """The card whose code was typed, such as to tell its balance; `subject` is who tries: a member, a session, an address.

        Refused with `card_attempts`, `card_mistyped` and `card_unknown`.
        """
        return cards.find_card(self.ports, code, subject=subject, at=self._at(at))

    def card_tender(
        self, code: str, amount: Money, *, buyer_id: str, subject: str, capture: bool = True, at: datetime | None = None
    ) -> Tender | Refusal:
        """A tender that pays so much with a card, good for orders of this buyer alone. See `shopwright.flows.credit.cards.card_tender`."""
        return cards.card_tender(self.ports, code, amount, buyer_id=buyer_id, subject=subject, capture=capture, at=self._at(at))

    def card(self, card_id: str, *, by: Actor = SYSTEM) -> GiftCard | Refusal:
        """A card with its code, for staff who send it once more. Refused with `card_unknown`, also to customers."""
        return cards.code_of(self.ports, card_id, by=by)

    def cards_in(self, order_id: str, *, by: Actor = SYSTEM) -> tuple[GiftCard, ...] | Refusal:
        """The cards that were sold with an order, with their codes, for its buyer and for staff. Refused with `order_not_found`."""
        return selling.cards_in_order(self.ports, order_id, by=by)

    def grant(self, command: c.GrantCredit, *, at: datetime | None = None) -> CreditAccount | Refusal:
        """Give store credit to a member."""
        return flows.grant_credit(self.ports, command, at=self._at(at))

    def take_out(self, command: c.TakeOutCredit, *, at: datetime | None = None) -> CreditAccount | Refusal:
        """Take money out of an account."""
        return flows.take_out_credit(self.ports, command, at=self._at(at))

    def refund(self, command: c.RefundAsCredit, *, at: datetime | None = None) -> Order | Refusal:
        """Give money of an order back as store credit of its buyer."""
        return flows.refund_as_credit(self.ports, command, at=self._at(at))

    def issue(self, command: c.IssueCard, *, at: datetime | None = None) -> GiftCard | Refusal:
        """Make a gift card."""
        return flows.issue_card(self.ports, command, at=self._at(at))

    def activate(self, command: c.ActivateCard, *, at: datetime | None = None) -> CreditAccount | Refusal:
        """Fill a card that waited to be sold."""
        return flows.activate_card(self.ports, command, at=self._at(at))

    def top_up(self, command: c.TopUpCard, *, at: datetime | None = None) -> CreditAccount | Refusal:
        """Put more money on a card."""
        return flows.top_up_card(self.ports, command, at=self._at(at))

    def void(self, command: c.VoidCard, *, at: datetime | None = None) -> CreditAccount | Refusal:
        """Let nothing out of a card any more."""
        return flows.void_card(self.ports, command, at=self._at(at))

    def follow_cards(self, *, at: datetime | None = None, limit: int = 100) -> int:
        """Make the cards that the next events of orders say were paid for, and void those whose sale was undone; how many events were read."""
        return flows.follow_cards(self.ports, at=self._at(at), limit=limit)

    def expire(self, *, at: datetime | None = None, limit: int = 10_000) -> int:
        """Write off what has lapsed; in how many accounts. See `shopwright.flows.credit.sweeping.expire_credit`."""
        return flows.expire_credit(self.ports, at=self._at(at), limit=limit)
