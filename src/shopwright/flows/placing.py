"""Place an order: read the facts, price the cart, decide, and write order, events, holds and coupon use as one changeset."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from shopwright import orders, pricing
from shopwright.catalog.products import Product
from shopwright.errors import VersionConflict
from shopwright.flows import gifting
from shopwright.flows.addressing import sealed_address
from shopwright.flows.bundling import opened
from shopwright.flows.checking import check_gateways, steps_of, takes
from shopwright.flows.commands import PlaceOrder
from shopwright.flows.entering import blocked, entered, missed
from shopwright.flows.limiting import exhausting, priced
from shopwright.flows.points.earning import points_of
from shopwright.flows.ports import Ports
from shopwright.flows.saving import commit, operation
from shopwright.flows.shelving import known_buyer, prices_for
from shopwright.flows.taxing import held, table_for, taxed
from shopwright.flows.trying import TRIES
from shopwright.flows.vault.sealing import Box, box
from shopwright.loyalty.order_points import OrderPoints
from shopwright.members.member import MemberBlock
from shopwright.orders.decision import Decision
from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.ports.quotas import QuotaMove, Reserve, Take
from shopwright.ports.storage import Committed
from shopwright.ports.tax import EngineTaxes
from shopwright.pricing.cart import MAX_LINES
from shopwright.pricing.facts import Offers, PriceFacts
from shopwright.pricing.quote import Quote
from shopwright.promotions.basket import Buyer
from shopwright.promotions.coupons import Coupon, coupon_key
from shopwright.promotions.engine import Skipped
from shopwright.promotions.limits import Claim, promotion_of
from shopwright.refusals import Refusal


@takes(PlaceOrder)
def place(ports: Ports, command: PlaceOrder, *, at: datetime) -> Order | Refusal:
    """Place an order.

    Refused with the codes of `shopwright.pricing.price`, with those of codes that are not good (`shopwright.promotions.code_desks`), with
    `tenders_mismatch`, `stock_exhausted` (facts: `sku`, `wanted`, `free`), `coupon_exhausted` (fact: `coupon`), `promotion_exhausted` (fact:
    `promotion`), `external_id_taken`, `number_exhausted`, `member_blocked`, and `tax_unavailable` where the engine that tells the taxes is
    silent. Raises
    `KeyConflict`, and `InvalidValue` for a tender whose gateway the shop does not have.
    """
    check_gateways(ports, command.tenders)
    if isinstance(ports.taxes, EngineTaxes) and (done := ports.storage.answered(operation(ports, command, ""))) is not None:
        return _stored(ports, done.text)  # no engine is asked for an order that is there
    if no := blocked(ports, command, at=at):
        return _unless_done(ports, command, no)
    facts, limited, buyer, block = _read_facts(ports, command, grant=True, at=at)
    if block is not None:
        return _unless_done(ports, command, _blocked(block))
    offer, claims = priced(ports, command.cart, facts, grant=True, at=at)
    missed(ports, command, offer, at=at)
    if isinstance(offer, Refusal):
        return _unless_done(ports, command, offer)
    if isinstance(facts.offers, Offers) and facts.offers.entered is not None and facts.offers.entered.refused:
        return _unless_done(ports, command, facts.offers.entered.refused[0][1])
    offer = taxed(ports, facts, offer, to=command.ship_to)
    if isinstance(offer, Refusal):
        return _unless_done(ports, command, offer)
    for _ in range(TRIES):
        order_id = ports.ids.new_id(at)
        points = None if ports.loyalty is None else points_of(ports, command, offer, buyer, at=at)
        if isinstance(points, Refusal):
            return _unless_done(ports, command, points)
        theirs = None if ports.vault is None else box(ports, command.buyer_id)
        decision = _decided(ports, command, offer, order_id, limited, claims, theirs, points, at=at)
        if isinstance(decision, Refusal):
            return _unless_done(ports, command, decision)
        result = _written(ports, command, decision, theirs, at=at)
        if result is None:
            continue
        if not isinstance(result, Refusal):
            return _stored(ports, result.answer) if result.repeated else decision.order
        if (less := gifting.without_last(facts, offer, result)) is not None:
            facts = less
            offer, claims = priced(ports, command.cart, facts, grant=True, at=at)
            offer = taxed(ports, facts, offer, to=command.ship_to)
            if isinstance(offer, Refusal):
                return _unless_done(ports, command, offer)
        elif result.code != "index_taken" or result.fact("index") != "number":
            return _in_shop_words(result)
    return Refusal("number_exhausted", "no free order number was found; give OrderNumbers a larger length", {"tries": TRIES})


@takes(PlaceOrder)
def quote(ports: Ports, command: PlaceOrder, *, at: datetime) -> Quote | Refusal:
    """What placing this order would cost now; nothing is written. A promotion code that is not good costs no more than its promotion, and is told
    in `Quote.refused_codes`. Refused with the codes of `shopwright.pricing.price`, `coupon_attempts` and `tax_unavailable`.
    """
    if no := blocked(ports, command, at=at):
        return no
    facts, *_ = _read_facts(ports, command, grant=False, at=at)
    offer = priced(ports, command.cart, facts, grant=False, at=at)[0]
    missed(ports, command, offer, at=at)
    return taxed(ports, facts, offer, to=command.ship_to)


@takes(PlaceOrder)
def why_not(ports: Ports, command: PlaceOrder, *, at: datetime) -> tuple[Skipped, ...] | Refusal:
    """Why the promotions of the shop that do not change this price do not; refused where the cart has no price."""
    facts, *_ = _read_facts(ports, command, grant=False, at=at)
    return pricing.why_not(command.cart, exhausting(ports, command.cart, facts, at=at), at=at)


def _read_facts(ports: Ports, command: PlaceOrder, *, grant: bool, at: datetime) -> tuple[PriceFacts, bool, Buyer, MemberBlock | None]:
    """What the shop knows about a cart, whether the coupon's uses are limited, what it knows of who buys, and whether it takes their orders."""
    skus = {line.sku for line in command.cart.lines[: MAX_LINES + 1]}  # of more lines than that no price is made
    code = command.cart.coupon_code
    wanted: dict[type, Collection[str]] = {Product: skus, Coupon: [code]} if code else {Product: skus}
    if ports.vault is not None:  # only then there can be members
        wanted[MemberBlock] = [command.buyer_id]
    found = ports.storage.load_each(wanted)
    block = None if ports.vault is None else found.of(MemberBlock).get(command.buyer_id)
    stored = found.of(Coupon).get(code) if code else None
    coupon = None if stored is None else stored.value
    products = opened(ports, [it.value for it in found.of(Product).values()])
    buyer = known_buyer(ports, command.buyer_id, at=at)
    offers = _offers(ports, command, buyer, grant=grant, at=at)
    facts = PriceFacts(products, coupon, command.shipping, offers, table_for(ports, command.ship_to), prices_for(ports, buyer))
    return facts, coupon is not None and coupon.limited, buyer, None if block is None else block.value


def _offers(ports: Ports, command: PlaceOrder, buyer: Buyer, *, grant: bool, at: datetime) -> Offers | None:
    """The promotions of the shop, who buys, and what the command says of the sale; how it is paid is known where there is one way."""
    if ports.promotions is None:
        return None
    methods = {tender.method for tender in command.tenders}
    method = methods.pop() if len(methods) == 1 else None
    country = command.ship_to.country or None
    told = entered(ports, command, grant=grant, at=at) if command.cart.codes else None
    return Offers(ports.promotions, buyer, payment_method=method, ship_to=country, entered=told)


def _written(ports: Ports, command: PlaceOrder, decision: Decision, theirs: Box | None, *, at: datetime) -> Committed | Refusal | None:
    """What came of it; `None` when somebody else has made the buyer's first key meanwhile, under which it is to be sealed anew."""
    op, puts = operation(ports, command, decision.order.id), () if theirs is None else theirs.puts
    try:
        return commit(ports, decision, op, expected=0, moves=_moves(decision.order), at=at, puts=puts)
    except VersionConflict:
        if not puts or ports.storage.is_joined:
            raise
        return None


def _decided(
    ports: Ports,
    command: PlaceOrder,
    offer: Quote,
    order_id: str,
    limited: bool,
    wanted: tuple[Claim, ...],
    theirs: Box | None,
    points: OrderPoints | None,
    *,
    at: datetime,
) -> Decision | Refusal:
    placement = orders.Placement(
        id=order_id,
        number=ports.numbers.make(at=at, rng=ports.ids),
        buyer_id=command.buyer_id,
        ship_to=command.ship_to if theirs is None else sealed_address(theirs, order_id, command.ship_to),
        tenders=command.tenders,
        shipping_method=offer.shipping_method,
        channel=command.cart.channel,
        external_id=command.external_id,
        promised_at=command.promised_at,
        exact_tenders=command.exact_tenders,
        steps=steps_of(ports, command.tenders, offer.currency),
        points=points,
    )
    uses = ((coupon_key(offer.coupon_code), 1),) if offer.coupon_code and limited else ()
    claims = (*offer.stock_wanted(), *uses, *((claim.key, claim.quantity) for claim in wanted))
    placed = orders.place(offer, placement, terms=ports.terms, claims=claims, by=command.by, at=at)
    if isinstance(placed, Refusal):
        return placed
    more = orders.advance(placed.order, at=at)
    return held(ports, Decision(more.order, (*placed.events, *more.events)), offer, at=at)


def _moves(order: Order) -> tuple[QuotaMove, ...]:
    claim = order.claim
    if claim.state is ClaimState.USED:
        return tuple(Take(key, quantity) for key, quantity in claim.items)
    if claim.state is ClaimState.HELD and order.due_at is not None:
        return (Reserve(order.id, claim.items, order.due_at),)
    return ()


def _blocked(block: MemberBlock) -> Refusal:
    return Refusal("member_blocked", "orders of this member are not taken", {"reason": block.reason})


def _unless_done(ports: Ports, command: PlaceOrder, refusal: Refusal) -> Order | Refusal:
    """A command that was done before gets its order, though it would be refused today."""
    answer = ports.storage.answered(operation(ports, command, ""))
    return refusal if answer is None else _stored(ports, answer.text)


def _stored(ports: Ports, order_id: str) -> Order:
    stored = ports.storage.load(Order, order_id)
    assert stored is not None, "an operation is stored together with its order"
    return stored.value


def _in_shop_words(refusal: Refusal) -> Refusal:
    """What a storage refuses, in the words of a shop."""
    facts = dict(refusal.facts)
    if refusal.code == "index_taken":
        return Refusal("external_id_taken", f"another order has the external id {facts['value']!r}", {"external_id": facts["value"]})
    if refusal.code != "quota_exhausted":
        return refusal
    family, _, name = str(facts["key"]).partition("/")
    if family == "coupon":
        return Refusal("coupon_exhausted", f"coupon {name} has no uses left", {"coupon": name})
    if family == "promotion":
        id = promotion_of(str(facts["key"]))
        return Refusal("promotion_exhausted", f"promotion {id} has no uses left", {"promotion": id})
    wanted, free = facts["wanted"], facts["free"]
    return Refusal("stock_exhausted", f"{wanted} of {name} are wanted and {free} are free", {"sku": name, "wanted": wanted, "free": free})
