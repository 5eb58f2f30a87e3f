"""Buyers as the members' own records know them: what a shop with tiers asks when it prices a cart.

    shop = Shop(storage, growth=growth, buyers=MemberBuyers(storage, growth, people))

Rules
- one document is read for a buyer; the tier is told by the clock, and is the one before the order that is priced (TIERS-7);
- orders are those that tiers have followed, so an order counts a moment later than it is placed: what must not be had twice has a limit of its own.
"""

from __future__ import annotations

from datetime import date, datetime

from shopwright.errors import InvalidValue
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.tier_accounts import TierAccount, tier_now
from shopwright.ports.people import Anybody, People, Person
from shopwright.ports.storage import Storage
from shopwright.promotions.basket import Buyer


class MemberBuyers:
    """Tier, date of joining, orders so far and birth date of buyers, from a storage and whoever knows the people.

    Raises `InvalidValue` for a program without tiers.
    """

    def __init__(self, storage: Storage, growth: Growth, people: People | None = None) -> None:
        if growth.tiers is None:
            raise InvalidValue("expected a Growth with tiers; without any, Strangers will do")
        self._storage, self._policy, self._people = storage, growth.tiers, people or Anybody()

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        """What is known of this buyer; of who is no member, the id alone."""
        person = self._people.person(buyer_id)
        if person is None:
            return Buyer(buyer_id)
        stored = self._storage.load(TierAccount, buyer_id)
        if stored is None:
            return Buyer(buyer_id, tier=self._policy.tiers[0].id, orders=0, joined_at=person.joined_at, born=_date(person), zone=person.zone)
        account = stored.value
        return Buyer(
            buyer_id,
            tier=tier_now(account, self._policy, at=max(at, account.history[0].start)),
            orders=max(0, account.orders),
            joined_at=person.joined_at or account.facts.joined,
            born=_date(person),
            zone=person.zone,
        )


def _date(person: Person) -> date | None:
    """The date of birth as promotions ask for it: not known where the year is not."""
    return person.born if isinstance(person.born, date) else None
