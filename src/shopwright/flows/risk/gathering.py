"""What is known of the payments of an order before they are judged, and what engines outside say of it.

Rules
- what costs a look into the storage is looked up where a rule asks for it, and not else;
- of what the app told when the order was placed and when it is paid, the later word counts;
- engines are asked before anything is written, each once; what is no whole number within 64 bits is no score;
- an amount is all that is to be paid at once, so that nobody gets below a bound by paying in parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from shopwright.catalog.products import Product
from shopwright.edges import MOST
from shopwright.flows.addressing import opened_address
from shopwright.flows.ports import Ports
from shopwright.flows.risk.links import Hashed, hashed, risk_of
from shopwright.flows.risk.trails import SKEW
from shopwright.flows.vault.tokens import opened_source
from shopwright.loyalty.referrals import Referral
from shopwright.members.member import Member
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.payments.errors import GatewayError, Indeterminate, Misconfigured, NotSent, Throttled
from shopwright.payments.payment import Payment
from shopwright.payments.risk.conditions import AccountYounger, AmountUnusual, FirstOrder, GoodsTagged, IsGuest
from shopwright.payments.risk.context import PaymentContext, Where
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.payments.risk.velocities import Kind, Link
from shopwright.ports.risk import AskedEngine, IfUnscored, RiskRequest
from shopwright.ports.storage import Match, Put, Query
from shopwright.ports.storage import Where as Having
from shopwright.refusals import Refusal
from shopwright.wire.risk_kinds import Listed, OrderLinks

NOTHING = PaymentContext()
"""What is known where the app tells nothing."""

History = tuple[int, int | None]
"""How many orders of a buyer were paid and kept, and what they cost on average."""

OF_HISTORY = frozenset({FirstOrder, AmountUnusual})
"""The conditions that ask for it."""

MOST_ORDERS = 200
"""How many of the latest orders of a buyer are looked at to find what is usual for them."""


@frozen
class Linked:
    """What is kept of who pays an order, and the links as they were just hashed, with their older names."""

    kept: OrderLinks
    fresh: tuple[Hashed, ...] = ()


@frozen(kw_only=True)
class Gathered:
    """What is known of one payment: the facts, what engines said or did not say, and what is counted for its order being placed."""

    payment: Payment
    facts: RiskFacts
    placing: tuple[tuple[Kind, str], ...] = ()
    scores: tuple[tuple[str, int], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    doubtful: bool = False


def linked(ports: Ports, order_id: str, buyer_id: str, context: PaymentContext, *, before: OrderLinks | None = None) -> Linked:
    """What is kept of who places or pays an order, by what the app tells now and has told before."""
    told = {Link.BUYER: buyer_id, Link.IP: context.ip, Link.DEVICE: context.device, Link.EMAIL: context.email, Link.PHONE: context.phone}
    told[Link.CARD] = context.card
    fresh = tuple([hashed(ports, link, text) for link, text in told.items() if text.strip()])
    places = {Where.IP: context.ip_country, Where.BILLING: context.billing_country, Where.CARD: context.card_country}
    places[Where.PHONE] = context.phone_country
    old = OrderLinks(id=order_id, buyer_id=buyer_id) if before is None else before
    after = evolve(
        old,
        links=_with(old.links, {it.link: it.value for it in fresh}),
        countries=_with(old.countries, {place: country for place, country in places.items() if country}),
        email_disposable=_last(context.email_disposable, old.email_disposable),
        ip_anonymous=_last(context.ip_anonymous, old.ip_anonymous),
        funding=_last(context.funding, old.funding),
    )
    return Linked(after, fresh)


def placed_links(ports: Ports, order: Order, context: PaymentContext | None) -> Put:
    """What is kept of who places an order."""
    return Put(order.id, linked(ports, order.id, order.buyer_id, context or NOTHING).kept)


def _with(before: tuple[tuple[Any, str], ...], now: dict[Any, str]) -> tuple[tuple[Any, str], ...]:
    return tuple(sorted((dict(before) | now).items()))


def with_own(ports: Ports, known: Linked, order: Order, due: tuple[Payment, ...], policy: RiskPolicy) -> Linked:
    """The same with the links that the order and its payments themselves make: where it goes, and by which cards it is paid."""
    links, fresh, cards = dict(known.kept.links), list(known.fresh), dict(known.kept.cards)
    if Link.ADDRESS in policy.links or policy.lists:
        to = opened_address(ports, order)
        if not isinstance(to, Refusal):
            fresh.append(hashed(ports, Link.ADDRESS, " ".join((*to.lines, to.postcode, to.city, to.country))))
            if to.phone and Link.PHONE not in links:
                fresh.append(hashed(ports, Link.PHONE, to.phone))
    links |= {it.link: it.value for it in fresh}
    for payment in due:
        source = "" if Link.CARD in links else opened_source(ports, order, payment.tender)
        if isinstance(source, str) and source:
            card = hashed(ports, Link.CARD, source)
            fresh.append(card)
            cards[payment.id] = card.value
    return Linked(evolve(known.kept, links=tuple(sorted(links.items())), cards=tuple(sorted(cards.items()))), tuple(fresh))


def _last(now: Any, before: Any) -> Any:
    return before if now is None else now


def gathered(ports: Ports, order: Order, due: tuple[Payment, ...], known: Linked, context: PaymentContext, *, at: datetime) -> tuple[Gathered, ...]:
    """What is known of each of these payments, and what engines say of them."""
    policy = risk_of(ports).policy(order.currency)
    history = _history(ports, order) if policy.asks & OF_HISTORY else None
    known_of = facts_of(ports, order, due, known, policy, history=history, at=at)
    counted = tuple(placing(ports, order))
    return tuple([_asked(ports, order, Gathered(payment=payment, facts=known_of[payment.id], placing=counted), context) for payment in due])


def placing(ports: Ports, order: Order) -> Iterator[tuple[Kind, str]]:
    """What is counted for an order being placed, each under its key: a coupon for each order, a referral for each member who came by one."""
    if order.coupon_code:
        yield Kind.COUPON, f"{order.id}/coupon"
    growth = ports.growth
    if growth is not None and growth.referrals is not None and ports.storage.load(Referral, order.buyer_id) is not None:
        yield Kind.REFERRAL, f"referral/{order.buyer_id}"


def facts_of(
    ports: Ports, order: Order, due: tuple[Payment, ...], known: Linked, policy: RiskPolicy, *, history: History | None, at: datetime
) -> dict[str, RiskFacts]:
    """The facts of each of these payments, by its id; `history` is that of the buyer, `None` where nobody has looked."""
    about = evolve(_about(ports, order, policy, known.kept, at=at), amount=sum([payment.tender.amount for payment in due]))
    if history is not None:
        about = evolve(about, orders_before=history[0], usual_amount=history[1])
    found: dict[str, RiskFacts] = {}
    for payment in due:
        facts = evolve(about, method=payment.tender.method, links=known.kept.of_payment(payment.id))
        found[payment.id] = evolve(facts, lists=_lists(ports, policy, facts, known.fresh, at=at))
    return found


def _about(ports: Ports, order: Order, policy: RiskPolicy, known: OrderLinks, *, at: datetime) -> RiskFacts:
    """What is the same for all payments of the order."""
    asks = policy.asks
    countries = dict(known.countries)
    if len(order.ship_to.country) == 2:
        countries[Where.SHIPPING] = order.ship_to.country.upper()
    since, guest = _account(ports, order, at=at) if asks & {AccountYounger, IsGuest} else (None, None)
    return RiskFacts(
        at=at,
        amount=0,
        currency=order.currency,
        countries=tuple(sorted(countries.items())),
        account_since=since,
        guest=guest,
        email_disposable=known.email_disposable,
        ip_anonymous=known.ip_anonymous,
        funding=known.funding,
        tags=_tags(ports, order) if GoodsTagged in asks else None,
    )


def _account(ports: Ports, order: Order, *, at: datetime) -> tuple[datetime | None, bool | None]:
    """Since when the buyer has an account, and whether they have none; members know best, then whoever knows the buyers."""
    if ports.vault is not None:
        member = ports.storage.load(Member, order.buyer_id)
        if member is not None and member.value.registered_at <= at:
            return member.value.registered_at, False
    joined = ports.buyers.known(order.buyer_id, at=at).joined_at
    return joined, False if joined is not None else True if ports.vault is not None else None


def _history(ports: Ports, order: Order) -> History:
    """How many of the buyer's latest orders were paid and kept, and what those in this currency cost on average."""
    where = (Having("buyer_id", Match.EQUAL, order.buyer_id),)
    page = ports.storage.find(Query(Order, where=where, order_by="placed_at", descending=True, limit=MOST_ORDERS))
    kept = [it.value for it in page.items if it.value.id != order.id and is_kept(it.value)]
    amounts = [it.total.minor for it in kept if it.currency == order.currency]
    return len(kept), sum(amounts) // len(amounts) if amounts else None


def is_kept(order: Order) -> bool:
    """Whether an order was paid and not called off."""
    return order.state is not OrderState.CANCELED and order.paid > 0


def _tags(ports: Ports, order: Order) -> frozenset[str]:
    products = ports.storage.load_many(Product, {line.sku for line in order.lines})
    return frozenset([tag for it in products.values() for tag in it.value.tags])


def _lists(ports: Ports, policy: RiskPolicy, facts: RiskFacts, fresh: tuple[Hashed, ...], *, at: datetime) -> frozenset[str]:
    """The lists of the policy on which one of the links stands now, under whichever key it was put there."""
    if not policy.lists or not facts.links:
        return frozenset()
    values = dict.fromkeys(facts.links)
    values |= dict.fromkeys((it.link, old) for it in fresh for old in it.older if (it.link, it.value) in values)
    ids = [listed_id(name, link, value) for name in policy.lists for link, value in values]
    found = ports.storage.load_many(Listed, ids)
    return frozenset([it.value.name for it in found.values() if it.value.at <= at + SKEW and (it.value.until is None or at < it.value.until)])


def listed_id(name: str, link: Link, value: str) -> str:
    """Under which id a value stands on a list."""
    return f"{name}/{link.value}/{value}"


_WHY = ((NotSent, "not_sent"), (Throttled, "throttled"), (Misconfigured, "misconfigured"), (Indeterminate, "no_answer"))


def _asked(ports: Ports, order: Order, known: Gathered, context: PaymentContext) -> Gathered:
    """The same with what the engines of the shop say."""
    scores: list[tuple[str, int]] = []
    silent: list[tuple[str, str]] = []
    engines = risk_of(ports).engines
    request = RiskRequest(
        key=f"{order.id}/{known.payment.id}", amount=Money(known.payment.tender.amount, order.currency), facts=known.facts, context=context
    )
    for asked in engines:
        told = _score(asked, request)
        if isinstance(told, str):
            silent.append((asked.engine.name, told))
        else:
            scores.append((asked.engine.name, told))
    quiet = dict(silent)
    doubtful = any(it.if_unscored is IfUnscored.REVIEW and it.engine.name in quiet for it in engines)
    return evolve(known, facts=evolve(known.facts, scores=tuple(scores)), scores=tuple(scores), silent=tuple(silent), doubtful=doubtful)


def _score(asked: AskedEngine, request: RiskRequest) -> int | str:
    """What the engine says, or in a word why it says nothing that could be used."""
    try:
        answer: Any = asked.engine.score(request, deadline=asked.deadline)
    except GatewayError as error:
        return next((why for kind, why in _WHY if isinstance(error, kind)), "not_understood")
    return answer if type(answer) is int and abs(answer) <= MOST else "wrong_answer"
