"""What points there are: a balance from one document, and what the entries of an account tell of other moments.

Rules
- a balance of now reads one document, however long the history is; one of another moment, and a statement, read the entries in pages;
- an account that is not there is an empty one; a customer who asks for somebody else's gets `account_not_found`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright import loyalty
from shopwright.errors import InvalidValue
from shopwright.flows.points.saving import Kept, account_not_found, kept_account, seen
from shopwright.flows.ports import Ports
from shopwright.loyalty.account import Account, Balance
from shopwright.loyalty.entries import PointsEntry
from shopwright.loyalty.history import Expiring, Statement
from shopwright.loyalty.naming import account_id as id_of
from shopwright.loyalty.naming import account_problem, member_of
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.members.actors import Actor, ActorKind
from shopwright.periods import Window, aware
from shopwright.ports.edge import check_text
from shopwright.ports.storage import START, Match, Position, Query, Recorded, Where
from shopwright.refusals import Refusal
from shopwright.wire.kinds import POINTS

PAGE = 500


def account(ports: Ports, account_id: str, *, by: Actor) -> Account | Refusal:
    """An account; for one that was merged, the one that it went into."""
    kept = kept_for(ports, account_id, by)
    return kept if isinstance(kept, Refusal) else kept.account


def accounts_of(ports: Ports, member_id: str, *, by: Actor) -> tuple[Account, ...] | Refusal:
    """The accounts of a member, one for each kind of points they have had, by their ids."""
    member = member_of(id_of(member_id))
    if not _actor(by).sees(member_id):
        return account_not_found(id_of(member_id))
    found: list[Account] = []
    after, where = "", (Where("member_id", Match.EQUAL, member),)
    while True:
        page = ports.storage.find(Query(Account, where=where, limit=PAGE, after=after))
        found += [stored.value for stored in page.items]
        if not page.next:
            return tuple(found)
        after = page.next


def balance(
    ports: Ports, account_id: str, *, by: Actor, at: datetime, as_of: datetime | None = None, known_at: datetime | None = None
) -> Balance | Refusal:
    """How an account stands now; `as_of` another moment, or by what was `known_at` another, by its entries (POINTS-11)."""
    kept = kept_for(ports, account_id, by)
    if isinstance(kept, Refusal):
        return kept
    if as_of is None and known_at is None:
        return kept.account.balance(at)
    when = at if as_of is None else aware(as_of)
    told = (recorded.value for recorded in _recorded(ports, kept.account.id))
    return loyalty.account_as_of(kept.account.id, told, as_of=when, known_at=known_at).balance(when)


def expiring(ports: Ports, account_id: str, *, by: Actor, at: datetime, until: datetime | None = None) -> tuple[Expiring, ...] | Refusal:
    """When the points of an account expire, the soonest first, those that never do last; with `until` only those that expire by then."""
    kept = kept_for(ports, account_id, by)
    if isinstance(kept, Refusal):
        return kept
    told = loyalty.expiring(kept.account, at=at)
    return told if until is None else tuple([it for it in told if it.at is not None and it.at <= aware(until)])


def statement(ports: Ports, account_id: str, window: Window, *, by: Actor) -> Statement | Refusal:
    """What happened to an account in a window, by the moments from which entries count. Raises `InvalidValue` for a window without an end."""
    if not isinstance(window, Window):
        raise InvalidValue(f"expected a Window, got {type(window).__name__}")
    kept = kept_for(ports, account_id, by)
    if isinstance(kept, Refusal):
        return kept
    told: Iterator[PointsEntry] = (recorded.value for recorded in _recorded(ports, kept.account.id))
    return loyalty.statement(kept.account.id, told, window)


def entries(ports: Ports, account_id: str, *, by: Actor, after: Position = START, limit: int = 100) -> tuple[Recorded, ...] | Refusal:
    """The next entries of an account, oldest first, with their positions: the last one's is where the next page goes on."""
    kept = kept_for(ports, account_id, by)
    if isinstance(kept, Refusal):
        return kept
    return tuple(ports.storage.read(POINTS, after=after, limit=limit, key=kept.account.id))


def earning(ports: Ports, lot_id: str, *, by: Actor) -> Earning | Refusal:
    """What is kept of a credit. Refused with `lot_unknown`, also when it is somebody else's."""
    check_text("lot id", lot_id)
    asks, stored = _actor(by), ports.storage.load(Earning, lot_id)
    if stored is None or _hidden(ports, stored.value, asks):
        return Refusal("lot_unknown", f"no points {lot_id} were credited", {"lot": lot_id})
    return stored.value


def redemption(ports: Ports, redemption_id: str, *, by: Actor) -> Redemption | Refusal:
    """What is kept of a redemption. Refused with `redemption_unknown`, also when it is somebody else's."""
    check_text("redemption id", redemption_id)
    asks, stored = _actor(by), ports.storage.load(Redemption, redemption_id)
    if stored is None or _hidden(ports, stored.value, asks):
        return Refusal("redemption_unknown", f"there is no redemption {redemption_id}", {"redemption": redemption_id})
    return stored.value


def kept_for(ports: Ports, account_id: str, by: Actor) -> Kept | Refusal:
    """An account for somebody who asks for it. Raises `InvalidValue` for what is no id of an account."""
    if problem := account_problem(account_id):
        raise InvalidValue(f"account_id {problem}; make one with account_id(member_id)")
    asks = _actor(by)
    kept = kept_account(ports, account_id)
    return seen(kept, account_id, asks) or kept


def _hidden(ports: Ports, it: Earning | Redemption, by: Actor) -> bool:
    """Whether what is kept is of an account that is not the actor's to see."""
    if not it.account_id:  # of an account that only the host knows
        return by.kind is ActorKind.CUSTOMER
    return seen(kept_account(ports, it.account_id), it.account_id, by) is not None


def _recorded(ports: Ports, account_id: str) -> Iterator[Recorded]:
    after = START
    while page := ports.storage.read(POINTS, after=after, limit=PAGE, key=account_id):
        yield from page
        after = page[-1].position


def _actor(by: Actor) -> Actor:
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    return by
