"""Placing an order: from a quote to the frozen facts that it stands on."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from attrs import field, frozen

from shopwright.changing import made
from shopwright.edges import MOST, aware, maybe, members, of, text
from shopwright.errors import InvalidValue
from shopwright.loyalty.order_points import OrderPoints
from shopwright.members.actors import Actor
from shopwright.members.addresses import Address
from shopwright.orders import events as e
from shopwright.orders.decision import Decision
from shopwright.orders.evolve import begin
from shopwright.orders.lines import Buckets, OrderLine
from shopwright.orders.sourcing import Sourcing
from shopwright.orders.terms import Terms
from shopwright.payments.payment import Tender, Via, planned_with
from shopwright.pricing.quote import Quote, QuoteLine
from shopwright.refusals import Fact, Refusal

MAX_TENDERS = 99
"""How many tenders an order takes in its life."""


@frozen(kw_only=True)
class Placement:
    """What is known of an order besides its price.

    `promised_at` is the moment by which the buyer was told to have it; `external_id` is its name in another system. With
    `exact_tenders=False` tenders are kept though they do not add up to the total: an import, or installments with interest. `steps` are pairs of a
    gateway and what it moves money in multiples of, in minor units, where that is more than one; `points` is what the order earns, `sourcing` which
    place ships what.
    """

    id: str = field(validator=text(least=26, most=26))
    number: str = field(validator=text(least=1, most=60))
    buyer_id: str = field(validator=text(least=1, most=200))
    ship_to: Address = field(validator=of(Address))
    tenders: tuple[Tender, ...] = field(validator=members(Tender))
    shipping_method: str = field(default="", validator=text())
    channel: str = field(default="", validator=text())
    external_id: str = field(default="", validator=text())
    promised_at: datetime | None = field(default=None, validator=maybe(aware))
    exact_tenders: bool = field(default=True, validator=of(bool))
    steps: tuple[tuple[str, int], ...] = ()
    points: OrderPoints | None = None
    sourcing: Sourcing | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.tenders) > MAX_TENDERS:
            raise InvalidValue(f"an order takes at most {MAX_TENDERS} tenders; got {len(self.tenders)}")
        if sum(tender.amount for tender in self.tenders) > MOST:
            raise InvalidValue(f"the tenders of an order add up to 64 bits of minor units at most; got {len(self.tenders)} of more")


def place(quote: Quote, placement: Placement, *, terms: Terms, claims: tuple[tuple[str, int], ...], by: Actor, at: datetime) -> Decision | Refusal:
    """Place an order at a quote's price. `claims` are the quota keys with quantities that it needs: stock, coupon uses.

    Refused with `tenders_mismatch` when the tenders do not pay the total.
    """
    offered = sum(tender.amount for tender in placement.tenders)
    if placement.exact_tenders and offered != quote.total:
        facts: dict[str, Fact] = {"total": quote.total, "tenders": offered, "currency": quote.currency}
        return Refusal("tenders_mismatch", f"the tenders add up to {offered} and the order to {quote.total}", facts)
    at_the_door = sum(tender.amount for tender in placement.tenders if tender.via is Via.ON_DELIVERY)
    awaited = at_the_door + terms.tolerance < quote.total
    placed = e.OrderPlaced(
        order_id=placement.id,
        number=placement.number,
        currency=quote.currency,
        buyer_id=placement.buyer_id,
        channel=placement.channel,
        lines=tuple([_line(line) for line in quote.lines]),
        payments=planned_with(placement.tenders, placement.steps),
        ship_to=placement.ship_to,
        shipping_method=placement.shipping_method,
        coupon_code=quote.coupon_code,
        coupon_version=quote.coupon_version,
        claim=_claim(claims, awaited),
        terms=terms,
        due_at=at + terms.payment_window if awaited else None,
        promised_at=placement.promised_at,
        external_id=placement.external_id,
        trace=quote.trace,
        by=by,
        at=at,
        grants=quote.grants,
        points=placement.points,
        sourcing=placement.sourcing,
    )
    return Decision(begin(placed), (placed,))


def _claim(claims: tuple[tuple[str, int], ...], awaited: bool) -> e.Claim:
    if not claims:
        return e.Claim()
    return e.Claim(e.ClaimState.HELD if awaited else e.ClaimState.USED, claims)


def _line(line: QuoteLine) -> OrderLine:
    """What the quote says of a line, as it stands, and all of its units open."""
    return made(OrderLine, vars(line) | {"buckets": _all_open(line.quantity)})


@lru_cache(256)
def _all_open(quantity: int) -> Buckets:
    """One for all lines of so many units, as it never changes."""
    return Buckets(open=quantity)
