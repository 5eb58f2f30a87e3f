"""The limits of promotions: what is left of them, and quotas that say what the promotions say.

Rules
- a quota is granted when the first order needs it, once, by an operation of its own; it is brought to a new limit with the promotion's new version;
- a new version closes the one before it first: a process that still has that one, while a shop is deployed, grants and takes away nothing more;
- a promotion that has nothing left is priced as if it were not there; who loses the last use in the very write is refused;
- of a flash price that has too little left there are as many units as there are, or none, as it says itself;
- a limit that was lowered below what is used already lets nobody in.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.flows import gifting
from shopwright.flows.ports import Ports
from shopwright.flows.shelving import with_left
from shopwright.ports.quotas import Grant, Quota
from shopwright.ports.storage import Changeset, Operation
from shopwright.pricing.cart import Cart
from shopwright.pricing.facts import Offers, PriceFacts, Prices
from shopwright.pricing.offers import claims_of, code_claims
from shopwright.pricing.quote import Quote, price
from shopwright.pricing.shelf import shelf_claims
from shopwright.promotions.limits import Claim, promotion_of
from shopwright.refusals import Refusal

RANK = 10
"""Limits are locked after stock: many orders want the same ones."""


def priced(ports: Ports, cart: Cart, facts: PriceFacts, *, grant: bool, at: datetime) -> tuple[Quote | Refusal, tuple[Claim, ...]]:
    """The price under what is left of all limits, and what an order at that price needs of them; with `grant` the quotas are made ready."""
    return _narrowed(ports, cart, facts, grant=grant, at=at)[1:]


def exhausting(ports: Ports, cart: Cart, facts: PriceFacts, *, at: datetime) -> PriceFacts:
    """The facts with the promotions that this cart would get and of which nothing is left."""
    return _narrowed(ports, cart, facts, grant=False, at=at)[0]


def _narrowed(
    ports: Ports, cart: Cart, facts: PriceFacts, *, grant: bool, at: datetime
) -> tuple[PriceFacts, Quote | Refusal, tuple[Claim, ...]]:
    asked: frozenset[str] = frozenset()
    while True:
        offer = price(cart, facts, at=at)
        if isinstance(facts.offers, Offers) and (gifts := gifting.named(offer) - asked):
            asked |= gifts
            facts = gifting.with_gifts(ports, facts, gifts, at=at)
            continue
        units: tuple[Claim, ...] = ()
        if isinstance(facts.prices, Prices) and isinstance(offer, Quote):
            units = shelf_claims(offer.trace, cart, facts.prices, at=at)
            short = _fewer(ports, units, facts.prices, grant=grant, at=at) if units else None
            if short is not None:
                facts = evolve(facts, prices=short)
                continue
        if isinstance(offer, Refusal) or not isinstance(facts.offers, Offers):
            return facts, offer, units
        wanted = claims_of(offer.trace, cart, facts.offers, at=at)
        gone = _gone(ports, wanted, facts.offers, grant=grant, at=at) if wanted else frozenset()
        if not gone:
            entered = facts.offers.entered
            return facts, offer, (*units, *wanted, *(() if entered is None else code_claims(offer.trace, entered)))
        facts = evolve(facts, offers=evolve(facts.offers, exhausted=facts.offers.exhausted | gone))


def _gone(ports: Ports, wanted: tuple[Claim, ...], offers: Offers, *, grant: bool, at: datetime) -> frozenset[str]:
    """The promotions of which too little is left."""
    standing = ports.storage.quota([claim.key for claim in wanted], at=at)
    gone = set()
    for claim in wanted:
        quota = standing[claim.key]
        if claim.limit - quota.used - quota.held < claim.quantity:
            gone.add(promotion_of(claim.key))
        elif grant and quota.granted != claim.limit:
            _bring_to(ports, claim, quota, offers.engine.by_id[promotion_of(claim.key)].version, at=at)
    return frozenset(gone)


def _fewer(ports: Ports, wanted: tuple[Claim, ...], prices: Prices, *, grant: bool, at: datetime) -> Prices | None:
    """The price rules with what is left of flash prices, where less is left than is wanted; `None` where there is enough of all."""
    standing = ports.storage.quota([claim.key for claim in wanted], at=at)
    for claim in wanted:
        quota = standing[claim.key]
        if claim.limit - quota.used - quota.held < claim.quantity:
            return with_left(prices, wanted, standing)
        if grant and quota.granted != claim.limit:
            _bring_to(ports, claim, quota, prices.book.by_id[promotion_of(claim.key)].version, at=at)
    return None


def _bring_to(ports: Ports, claim: Claim, quota: Quota, version: int, *, at: datetime) -> None:
    """Grant what the limit says; whoever comes second finds the operation done, and so does whoever still has the version before."""
    if version > 1:
        ports.storage.commit(Changeset(_allowing(claim, version - 1), at))
        quota = ports.storage.quota((claim.key,), at=at)[claim.key]
    if quota.granted != claim.limit:
        ports.storage.commit(Changeset(_allowing(claim, version), at, moves=(Grant(claim.key, claim.limit - quota.granted, rank=RANK),)))


def _allowing(claim: Claim, version: int) -> Operation:
    """The operation that brings a quota to the limit of a version."""
    return Operation(f"{claim.key}/v{version}", "allow")
