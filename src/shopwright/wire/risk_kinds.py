"""What a shop keeps to judge payments: trails, the links of each order, and lists. All of it can be erased; none of it holds a value as it was."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.members.actors import Actor
from shopwright.payments.risk.context import Funding, Where
from shopwright.payments.risk.velocities import Link, Trail
from shopwright.ports.kinds import Index, IndexType, Kind


@frozen(kw_only=True)
class OrderLinks:
    """What is known of who placed and paid an order; its id is the order's. Links are keyed hashes, `cards` those of the payments by their ids."""

    id: str
    buyer_id: str
    links: tuple[tuple[Link, str], ...] = field(default=(), repr=False)
    cards: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    countries: tuple[tuple[Where, str], ...] = ()
    email_disposable: bool | None = None
    ip_anonymous: bool | None = None
    funding: Funding | None = None

    def of_payment(self, payment_id: str) -> tuple[tuple[Link, str], ...]:
        """The links of one payment, sorted."""
        links = dict(self.links)
        if card := dict(self.cards).get(payment_id, ""):
            links[Link.CARD] = card
        return tuple(sorted(links.items()))


@frozen(kw_only=True)
class Listed:
    """A value of a link that stands on a list until `until`; its id is `<list>/<link>/<hash>`. `why` is a code."""

    id: str
    name: str
    link: Link
    by: Actor
    at: datetime
    until: datetime | None = None
    why: str = ""


DOCUMENTS = (
    Kind("risk_trail", Trail, erasable=True),
    Kind("risk_links", OrderLinks, indexes=(Index("buyer_id", IndexType.TEXT, lambda links: links.buyer_id),), erasable=True),
    Kind("risk_listed", Listed, indexes=(Index("name", IndexType.TEXT, lambda listed: listed.name),), erasable=True),
)
