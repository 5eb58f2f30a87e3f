"""Hold goods for carts: for a while, without a job, and traded for the hold of the order in the changeset that places it.

Rules
- what is held is written in one changeset with the note of it, and a cart that is held anew gives up what it held before in that same one;
- a hold whose time is over is worth nothing to its cart: the order is planned anew, and may find the goods gone (CART-1);
- a cart is its buyer's, also of the member whom a guest has become: to others it is not there.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from shopwright.catalog.products import Product
from shopwright.errors import InvalidValue
from shopwright.flows.bundling import opened
from shopwright.flows.cart_commands import HoldCart, ReleaseCart
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.refusing import in_shop_words
from shopwright.flows.saving import is_also, operation
from shopwright.flows.sourcing import sourced, takings
from shopwright.flows.trying import TRIES, tried
from shopwright.inventory.cart_holds import CartHold, CartState
from shopwright.members.actors import Actor, customer
from shopwright.ports.quotas import QuotaMove, ReleaseHold, Reserve
from shopwright.ports.storage import Changeset, Put, Storage
from shopwright.pricing.cart import MAX_LINES
from shopwright.pricing.facts import NoShipping, PriceFacts
from shopwright.pricing.quote import Quote, price
from shopwright.refusals import Refusal

Items = tuple[tuple[str, int], ...]


@frozen
class HeldCart:
    """What is held for a cart, as it was read. `is_kept` says that the storage still knows its hold."""

    hold: CartHold
    version: int
    is_kept: bool = True

    def released(self) -> tuple[QuotaMove, ...]:
        """The moves that give it up."""
        return (ReleaseHold(self.hold.hold_id),) if self.is_kept and self.hold.items else ()

    def traded(self, order_id: str) -> Put:
        """The note that it has become an order."""
        return Put(self.hold.cart_id, evolve(self.hold, state=CartState.ORDERED, order_id=order_id), self.version)


def held_cart(ports: Ports, cart_id: str, buyer_id: str, *, is_kept: bool = True) -> HeldCart | None:
    """What is held for a cart of this buyer; `None` where nothing is, or it is somebody else's."""
    stored = ports.storage.load(CartHold, cart_id)
    if stored is None or stored.value.state is not CartState.HELD or not _is_of(ports, stored.value, buyer_id):
        return None
    return HeldCart(stored.value, stored.version, is_kept)


def _is_of(ports: Ports, cart: CartHold, buyer_id: str) -> bool:
    """Whether a cart is this buyer's, also where they were a guest when it was held."""
    return cart.buyer_id == buyer_id or is_also(ports, cart.buyer_id, customer(buyer_id))


def not_held(cart_id: str) -> Refusal:
    """The refusal for a cart for which nothing is held, or that is not the actor's to see."""
    return Refusal("cart_not_held", f"nothing is held for the cart {cart_id!r}", {"cart": cart_id})


@takes(HoldCart)
def hold_cart(ports: Ports, command: HoldCart, *, at: datetime) -> CartHold | Refusal:
    """Hold the goods of a cart; what is held for it then.

    Refused with `cart_not_held` for a cart of somebody else or for another buyer than who asks, with the codes of `shopwright.pricing.checks`, with
    `stock_exhausted`, and in a shop with places with those of `shopwright.inventory.plan`. Raises `InvalidValue` for an `until` that is over, and in
    a shop with places without a zone.
    """
    if command.until <= at:
        raise InvalidValue(f"HoldCart.until must be after {at}, got {command.until}")
    if ports.places is not None and not command.zone:
        raise InvalidValue("HoldCart.zone must say where the goods go in a shop with places, got none; Places.zone_of tells it of an address")
    if not command.by.sees(command.buyer_id):
        return not_held(command.cart_id)
    answer = tried(ports.storage, lambda: _held(ports, command, at=at))
    if isinstance(answer, Refusal) and ports.storage.answered(operation(ports, command, command.cart_id)) is not None:
        return _as_it_is(ports.storage, command.cart_id)
    return answer


def _held(ports: Ports, command: HoldCart, *, at: datetime) -> CartHold | Refusal:
    stored = ports.storage.load(CartHold, command.cart_id)
    if stored is not None and not _is_of(ports, stored.value, command.buyer_id):
        return not_held(command.cart_id)
    before = None if stored is None else HeldCart(stored.value, stored.version, stored.value.state is CartState.HELD)
    offer = _offer(ports, command, at=at)
    if isinstance(offer, Refusal):
        return offer
    refusal: Refusal | None = None
    for _ in range(TRIES):
        items = _items(ports, command, offer, before, at=at)
        if isinstance(items, Refusal):
            return in_shop_words(items)
        result = _written(ports, command, before, items, at=at)
        if isinstance(result, CartHold):
            return result
        if result.code == "hold_unknown" and before is not None:
            before = evolve(before, is_kept=False)
            continue
        refusal = in_shop_words(result)
        if ports.places is None:
            return refusal
    assert refusal is not None, "a loop that has ended was refused at last"
    return refusal


def _offer(ports: Ports, command: HoldCart, *, at: datetime) -> Quote | Refusal:
    """The cart at list prices: what is wrong with it, and what its lines want of the stock."""
    skus = {line.sku for line in command.cart.lines[: MAX_LINES + 1]}
    products = opened(ports, [stored.value for stored in ports.storage.load_many(Product, skus).values()])
    return price(evolve(command.cart, coupon_code="", codes=()), PriceFacts(products, None, NoShipping()), at=at)


def _items(ports: Ports, command: HoldCart, offer: Quote, before: HeldCart | None, *, at: datetime) -> Items | Refusal:
    if ports.places is None:
        return offer.stock_wanted()
    own = {} if before is None else before.hold.own(at)
    plan = sourced(ports, ports.places, takings([(it.line_no, it.from_stock()) for it in offer.lines]), command.zone, own=own, at=at)
    if isinstance(plan, Refusal):
        return plan
    return () if plan is None else plan.claims()


def _written(ports: Ports, command: HoldCart, before: HeldCart | None, items: Items, *, at: datetime) -> CartHold | Refusal:
    number = 1 if before is None else before.hold.number + 1
    held = CartHold(
        cart_id=command.cart_id, buyer_id=command.buyer_id, items=items, until=command.until, number=number, zone=command.zone
    )
    moves = (*(() if before is None else before.released()), *((Reserve(held.hold_id, items, held.until),) if items else ()))
    put = Put(command.cart_id, held, 0 if before is None else before.version)
    result = ports.storage.commit(Changeset(operation(ports, command, command.cart_id), at, puts=(put,), moves=moves))
    if isinstance(result, Refusal):
        return result
    return _as_it_is(ports.storage, command.cart_id) if result.repeated else held


@takes(ReleaseCart)
def release_cart(ports: Ports, command: ReleaseCart, *, at: datetime) -> CartHold | Refusal:
    """Give up what is held for a cart. Refused with `cart_not_held`, also for somebody else's."""
    op = operation(ports, command, command.cart_id)

    def attempt() -> CartHold | Refusal:
        found = _readable(ports, command.cart_id, command.by)
        if found is None or found.hold.state is not CartState.HELD:
            return not_held(command.cart_id)
        after = evolve(found.hold, state=CartState.RELEASED)
        put = Put(command.cart_id, after, found.version)
        result = ports.storage.commit(Changeset(op, at, puts=(put,), moves=found.released()))
        if isinstance(result, Refusal):  # it lapsed so long ago that the storage has forgotten it
            result = ports.storage.commit(Changeset(op, at, puts=(put,)))
        assert not isinstance(result, Refusal), "a changeset without moves is not refused"
        return _as_it_is(ports.storage, command.cart_id) if result.repeated else after

    answer = tried(ports.storage, attempt)
    if isinstance(answer, Refusal) and ports.storage.answered(op) is not None:
        return _as_it_is(ports.storage, command.cart_id)
    return answer


def cart_of(ports: Ports, cart_id: str, *, by: Actor) -> CartHold | Refusal:
    """What is held for a cart, or was. Refused with `cart_not_held`, also for somebody else's. Raises `InvalidValue` for nobody."""
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    found = _readable(ports, cart_id, by)
    return not_held(cart_id) if found is None else found.hold


def _readable(ports: Ports, cart_id: str, by: Actor) -> HeldCart | None:
    stored = ports.storage.load(CartHold, cart_id)
    if stored is None or not (by.sees(stored.value.buyer_id) or is_also(ports, stored.value.buyer_id, by)):
        return None
    return HeldCart(stored.value, stored.version)


def _as_it_is(storage: Storage, cart_id: str) -> CartHold:
    stored = storage.load(CartHold, cart_id)
    assert stored is not None, "an operation is stored together with its cart"
    return stored.value
