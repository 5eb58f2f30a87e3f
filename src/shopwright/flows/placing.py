"""Place an order: read the facts, price the cart, decide, and write order, events, holds and coupon use as one changeset."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from shopwright import orders
from shopwright.errors import VersionConflict
from shopwright.flows import gifting
from shopwright.flows.addressing import sealed_address
from shopwright.flows.carting import HeldCart, held_cart
from shopwright.flows.checking import check_gateways, steps_of, takes
from shopwright.flows.commands import PlaceOrder
from shopwright.flows.entering import blocked, missed
from shopwright.flows.limiting import priced
from shopwright.flows.members.methods import with_saved
from shopwright.flows.points.earning import points_of
from shopwright.flows.ports import Ports
from shopwright.flows.quoting import read_facts
from shopwright.flows.refusing import in_shop_words
from shopwright.flows.resourcing import awaited_puts
from shopwright.flows.risk.gathering import placed_links
from shopwright.flows.saving import commit, operation
from shopwright.flows.sourcing import sourced, takings
from shopwright.flows.taxing import held, taxed
from shopwright.flows.trying import TRIES
from shopwright.flows.vault.sealing import Box, box
from shopwright.flows.vault.tokens import sealed_tenders
from shopwright.inventory.places import Places
from shopwright.loyalty.order_points import OrderPoints
from shopwright.members.member import MemberBlock
from shopwright.orders.decision import Decision
from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.orders.sourcing import Sourcing, goods
from shopwright.ports.quotas import QuotaMove, Reserve, Take
from shopwright.ports.storage import Committed
from shopwright.ports.tax import EngineTaxes
from shopwright.pricing.facts import Offers, PriceFacts
from shopwright.pricing.quote import Quote
from shopwright.promotions.basket import Buyer
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.limits import Claim
from shopwright.refusals import Refusal


@takes(PlaceOrder)
def place(ports: Ports, command: PlaceOrder, *, at: datetime) -> Order | Refusal:
    """Place an order.

    Refused with the codes of `shopwright.pricing.price`, with those of codes that are not good (`shopwright.promotions.code_desks`), with
    `tenders_mismatch`, `stock_exhausted` (facts: `sku`, `wanted`, `free`), `coupon_exhausted` (fact: `coupon`), `promotion_exhausted` (fact:
    `promotion`), `external_id_taken`, `number_exhausted`, `member_blocked`, and `tax_unavailable` where the engine that tells the taxes is
    silent, and `method_unknown` for a tender of a saved method that is not the buyer's; in a shop with places also with `destination_unserved`,
    `split_unavoidable` and `plan_not_found` (`shopwright.inventory.plan`). Raises
    `KeyConflict`, and `InvalidValue` for a tender whose gateway the shop does not have.
    """
    check_gateways(ports, command.tenders, command.cart.currency)
    if isinstance(ports.taxes, EngineTaxes) and (done := ports.storage.answered(operation(ports, command, ""))) is not None:
        return _stored(ports, done.text)  # no engine is asked for an order that is there
    if no := blocked(ports, command, at=at):
        return _unless_done(ports, command, no)
    facts, limited, buyer, block = read_facts(ports, command, grant=True, at=at)
    if block is not None:
        return _unless_done(ports, command, member_blocked(block))
    offer, claims = priced(ports, command.cart, facts, grant=True, at=at)
    missed(ports, command, offer, at=at)
    if isinstance(offer, Refusal):
        return _unless_done(ports, command, offer)
    if isinstance(facts.offers, Offers) and facts.offers.entered is not None and facts.offers.entered.refused:
        return _unless_done(ports, command, facts.offers.entered.refused[0][1])
    offer = taxed(ports, facts, offer, to=command.ship_to)
    if isinstance(offer, Refusal):
        return _unless_done(ports, command, offer)
    return _tried(ports, command, _Known(facts, limited, buyer, offer, claims), at=at)


@frozen
class _Known:
    """What an order is placed by: the facts, whether the coupon's uses are limited, who buys, the price, and what it needs of limits."""

    facts: PriceFacts
    limited: bool
    buyer: Buyer
    offer: Quote
    claims: tuple[Claim, ...]


def _tried(ports: Ports, command: PlaceOrder, known: _Known, *, at: datetime) -> Order | Refusal:
    """Write the order; again where its number was taken, a gift is gone, or somebody was faster at a place that others could stand in for."""
    last, cart, is_kept = None, None, True
    for _ in range(TRIES):
        if command.cart_id:
            cart = held_cart(ports, command.cart_id, command.buyer_id, is_kept=is_kept)
        result = _attempted(ports, command, known, cart, at=at)
        if result is None:
            continue
        if isinstance(result, Order):
            return result
        if (less := _less(ports, known.facts, known.offer, result)) is not None:
            known = evolve(known, facts=less)
            again = _priced_again(ports, command, known, at=at)
            if isinstance(again, Refusal):
                return _unless_done(ports, command, again)
            known = again
        elif result.code == "hold_unknown" and cart is not None:
            is_kept = False  # it lapsed so long ago that the storage has forgotten it
        elif ports.places is not None and _is_of_goods(result):
            last = result
        elif result.code in _OF_PLANS:
            return _unless_done(ports, command, in_shop_words(result))
        elif result.code != "index_taken" or result.fact("index") != "number":
            return in_shop_words(result)
    if last is not None:
        return in_shop_words(last)
    return Refusal("number_exhausted", "no free order number was found; give OrderNumbers a larger length", {"tries": TRIES})


_OF_PLANS = frozenset({"stock_short", "split_unavoidable", "destination_unserved", "plan_not_found"})


def _is_of_goods(refusal: Refusal) -> bool:
    return refusal.code == "quota_exhausted" and bool(goods(((str(refusal.fact("key")), 0),)))


def _less(ports: Ports, facts: PriceFacts, offer: Quote, refusal: Refusal) -> PriceFacts | None:
    """The facts without the gifts for which there is too little; `None` where it is not for them."""
    if ports.places is None:
        return gifting.without_last(facts, offer, refusal)
    return gifting.without_unplanned(facts, offer, refusal) if refusal.code in _OF_PLANS else None


def _priced_again(ports: Ports, command: PlaceOrder, known: _Known, *, at: datetime) -> _Known | Refusal:
    offer, claims = priced(ports, command.cart, known.facts, grant=True, at=at)
    offer = taxed(ports, known.facts, offer, to=command.ship_to)
    return offer if isinstance(offer, Refusal) else evolve(known, offer=offer, claims=claims)


def _attempted(ports: Ports, command: PlaceOrder, known: _Known, cart: HeldCart | None, *, at: datetime) -> Order | Refusal | None:
    """One attempt; `None` when somebody else has written first what it would write."""
    order_id = ports.ids.new_id(at)
    points = None if ports.loyalty is None else points_of(ports, command, known.offer, known.buyer, at=at)
    if isinstance(points, Refusal):
        return _unless_done(ports, command, points)
    plan = None if ports.places is None else _planned(ports, ports.places, command, known.offer, cart, at=at)
    if isinstance(plan, Refusal):
        return plan
    theirs = None if ports.vault is None else box(ports, command.buyer_id)
    decision = _decided(ports, command, known, order_id, theirs, points, plan, at=at)
    if isinstance(decision, Refusal):
        return _unless_done(ports, command, decision)
    result = _written(ports, command, decision, theirs, cart, at=at)
    if result is None or isinstance(result, Refusal):
        return result
    return _stored(ports, result.answer) if result.repeated else decision.order


def _planned(
    ports: Ports, places: Places, command: PlaceOrder, offer: Quote, cart: HeldCart | None, *, at: datetime
) -> Sourcing | Refusal | None:
    """Which place ships what, with what the cart holds already."""
    wanted = takings([(line.line_no, line.from_stock()) for line in offer.lines])
    own = {} if cart is None else cart.hold.own(at)
    return sourced(ports, places, wanted, places.zone_of(command.ship_to), own=own, at=at)


def _written(
    ports: Ports, command: PlaceOrder, decision: Decision, theirs: Box | None, cart: HeldCart | None, *, at: datetime
) -> Committed | Refusal | None:
    """What came of it; `None` when somebody else has made the buyer's first key meanwhile, under which it is to be sealed anew, or has traded the
    cart.
    """
    order = decision.order
    op, puts, moves = operation(ports, command, order.id), () if theirs is None else theirs.puts, _moves(order)
    if order.sourcing is not None:
        puts = (*puts, *awaited_puts(ports, order, at=at, new=True))
    if ports.risk is not None:
        puts = (*puts, placed_links(ports, order, command.context))
    if cart is not None:
        puts, moves = (*puts, cart.traded(order.id)), (*cart.released(), *moves)
    try:
        return commit(ports, decision, op, expected=0, moves=moves, at=at, puts=puts)
    except VersionConflict:
        if not puts or ports.storage.is_joined:
            raise
        return None


def _decided(
    ports: Ports,
    command: PlaceOrder,
    known: _Known,
    order_id: str,
    theirs: Box | None,
    points: OrderPoints | None,
    plan: Sourcing | None,
    *,
    at: datetime,
) -> Decision | Refusal:
    offer = known.offer
    tenders = with_saved(ports, command.buyer_id, command.tenders, by=command.by)
    if isinstance(tenders, Refusal):
        return tenders
    placement = orders.Placement(
        id=order_id,
        number=ports.numbers.make(at=at, rng=ports.ids),
        buyer_id=command.buyer_id,
        ship_to=command.ship_to if theirs is None else sealed_address(theirs, order_id, command.ship_to),
        tenders=tenders if theirs is None else sealed_tenders(theirs, order_id, tenders),
        shipping_method=offer.shipping_method,
        channel=command.cart.channel,
        external_id=command.external_id,
        promised_at=command.promised_at,
        exact_tenders=command.exact_tenders,
        steps=steps_of(ports, command.tenders, offer.currency),
        points=points,
        sourcing=plan,
    )
    uses = ((coupon_key(offer.coupon_code), 1),) if offer.coupon_code and known.limited else ()
    stock = offer.stock_wanted() if plan is None else plan.claims()
    claims = (*stock, *uses, *((claim.key, claim.quantity) for claim in known.claims))
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


def member_blocked(block: MemberBlock) -> Refusal:
    """The refusal of an order for a member whose orders are not taken."""
    return Refusal("member_blocked", "orders of this member are not taken", {"reason": block.reason})


def _unless_done(ports: Ports, command: PlaceOrder, refusal: Refusal) -> Order | Refusal:
    """A command that was done before gets its order, though it would be refused today."""
    answer = ports.storage.answered(operation(ports, command, ""))
    return refusal if answer is None else _stored(ports, answer.text)


def _stored(ports: Ports, order_id: str) -> Order:
    stored = ports.storage.load(Order, order_id)
    assert stored is not None, "an operation is stored together with its order"
    return stored.value
