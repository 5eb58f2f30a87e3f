"""The command of an edit. The same one is asked what it would do, and then to do it."""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.flows.commands import OrderCommand, an_address, full_tenders
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.members.addresses import Address
from shopwright.orders.edit_changes import Change, ChangeAddress, distinct
from shopwright.payments.payment import Tender
from shopwright.pricing.facts import FlatShipping, NoShipping, Shipping, ShippingPerLine


@frozen(kw_only=True)
class EditOrder(OrderCommand):
    """Change an order that is placed: where it goes (`ship_to`), and what it is (`changes`: `ChangeQuantity`, `AddLine`, `ChangeShipping` and
    `ChangeCoupon`). `tenders` pay what it comes to above what is paid or promised; `shipping` is what shipping the added goods costs, besides what
    the order pays for it already.

    `as_of` is the `event_count` of the plan that was shown: the edit is refused once the order has moved. `delta` is by how much more the buyer was
    told to owe, in minor units, below zero for less: the edit is refused where a price of today has changed since.
    """

    ship_to: Address | None = field(default=None, validator=maybe(an_address), metadata=FREE_TEXT)
    changes: tuple[Change, ...] = field(default=(), validator=distinct)
    tenders: tuple[Tender, ...] = field(default=(), validator=[members(Tender), full_tenders])
    shipping: Shipping = field(factory=NoShipping, validator=of(FlatShipping, ShippingPerLine, NoShipping))
    as_of: int | None = field(default=None, validator=maybe(whole(least=1)))
    delta: int | None = field(default=None, validator=maybe(whole()))
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)

    def __attrs_post_init__(self) -> None:
        if self.ship_to is None and not self.changes:
            raise InvalidValue("an edit has a ship_to or changes, or both; got neither")
        if any(isinstance(it, ChangeAddress) for it in self.changes):
            raise InvalidValue("an edit takes its address as ship_to; got a ChangeAddress in changes")
