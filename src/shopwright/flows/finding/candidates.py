"""The orders among which those of a filter are, by the index of terms: few where a term is rare, newest first, and none left out.

Rules
- FIND-10: candidates are what the index has of the rarest group of terms, the orders of events that it has not followed yet, and the orders placed
  after the latest event that can be read; each is asked itself in the end, so that what is found is what a look at every order finds;
- the rarest group is told by a first look at each: the one with fewest orders, else the one whose orders lie furthest apart;
- without an index, with more than `MOST_BEHIND` events not followed, or where no group is asked for, there are no candidates, and a search walks;
- a word that is part of too many words is no term that would help.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import merge

from attrs import evolve, field, frozen

from shopwright.flows.finding.asking import Asked
from shopwright.flows.finding.following import INDEX
from shopwright.flows.finding.phones import phone_terms
from shopwright.flows.ports import Ports
from shopwright.orders.finding_terms import Group, groups_of, word_term
from shopwright.orders.order import Order
from shopwright.ports.storage import Match, Page, Position, Query, Stored, Where
from shopwright.wire.finding_kinds import HASH, MOST_SUFFIX, OrderIndex, OrderTerm, OrderWord, hashed, placed
from shopwright.wire.kinds import EVENTS

MOST_BEHIND = 1_000
"""How many events the index may be behind."""

MOST_NEWER = 200
"""How many orders may have been placed after the latest event that can be read."""

MOST_PARTS = 100
FIRST, MORE = 50, 200
"""How many orders of a term are read first, and then at once."""

_AFTER_ALL = "g"
"""Behind all digits of a time."""


@frozen
class Fresh:
    """What the index does not tell yet: the ids of orders with newer events, and of orders whose events cannot be read yet."""

    ids: tuple[str, ...]


@frozen
class Bounds:
    """Between which spots of a term to look, without its hash: from the first on, and before the second."""

    since: str
    before: str


def bounds_of(asked: Asked, behind: tuple[object, str] | None) -> Bounds:
    """The times that a filter asks for, and the place behind which a page goes on."""
    wanted = asked.wanted
    before = _AFTER_ALL if wanted.placed_before is None else placed(wanted.placed_before)
    if behind is not None:
        at, id = behind
        assert isinstance(at, datetime), "pages are in the order of the times of placing"
        before = min(before, f"{placed(at)}{id}")
    return Bounds("" if wanted.placed_from is None else placed(wanted.placed_from), before)


def fresh_of(ports: Ports) -> Fresh | None:
    """What is newer than the index; `None` where it cannot be asked: there is none, or too much has happened since."""
    stored = ports.storage.load(OrderIndex, INDEX)
    if stored is None:
        return None
    tail = ports.storage.read(EVENTS, after=Position(stored.value.position), limit=MOST_BEHIND)
    if len(tail) == MOST_BEHIND:
        return None
    latest = max((stored.value.at, *[it.at for it in tail]))
    newer = ports.storage.find(Query(Order, where=(Where("placed_at", Match.ABOVE, latest),), order_by="placed_at", limit=MOST_NEWER))
    if newer.next:
        return None
    return Fresh(tuple({it.key: None for it in tail} | {it.value.id: None for it in newer.items}))


def fresh_keys(ports: Ports, fresh: Fresh, bounds: Bounds) -> Iterator[str]:
    """The places of these orders, newest first, as far as they are within the bounds."""
    orders = ports.storage.load_many(Order, fresh.ids).values()
    keys = [f"{placed(it.value.placed_at)}{it.value.id}" for it in orders]
    return iter(sorted([key for key in keys if bounds.since <= key < bounds.before], reverse=True))


def has_terms(asked: Asked) -> bool:
    """Whether a filter asks for any term."""
    return bool(groups_of(asked.wanted) or asked.wanted.words.split() or asked.phone_tail)


def groups(ports: Ports, asked: Asked) -> tuple[Group, ...]:
    """The groups of terms that are asked for, as hashes."""
    found = [*groups_of(asked.wanted), *_words(ports, asked.wanted.words)]
    if asked.phone_tail:
        found.append(phone_terms(ports, asked.phone_tail))
    return tuple([tuple([hashed(term) for term in group]) for group in found])


def _words(ports: Ports, words: str) -> Iterator[Group]:
    """For each word those that it is part of, where they are not too many, and the word itself."""
    for word in words.casefold().split():
        begin = word[:MOST_SUFFIX]
        where = (Where("suffix", Match.AT_LEAST, begin), Where("suffix", Match.BELOW, f"{begin}\U0010ffff"))
        page = ports.storage.find(Query(OrderWord, where=where, order_by="suffix", limit=MOST_PARTS))
        if not page.next:
            yield tuple({word_term(word): None} | {word_term(it.value.word): None for it in page.items})


@frozen
class Postings:
    """The orders of one group, of which the first page of each term was read."""

    ports: Ports = field(repr=False)
    bounds: Bounds
    firsts: tuple[tuple[Query[OrderTerm], Page[Stored[OrderTerm]]], ...]

    @property
    def rarity(self) -> tuple[bool, str | int]:
        """Smaller for a rarer group: how many orders it has, or, where that is not known, down to when its first ones reach."""
        ends = [_key(page.items[-1]) for _, page in self.firsts if page.next]
        return (True, max(ends)) if ends else (False, f"{sum(len(page.items) for _, page in self.firsts):09}")

    @property
    def all_read(self) -> bool:
        """Whether no more than what was read belongs to it."""
        return not self.rarity[0]

    def keys(self) -> Iterator[str]:
        """The place of each order, newest first, as they are asked for."""
        return merge(*[self._keys(query, page) for query, page in self.firsts], reverse=True)

    def _keys(self, query: Query[OrderTerm], page: Page[Stored[OrderTerm]]) -> Iterator[str]:
        yield from (_key(it) for it in page.items)
        while page.next:
            query = evolve(query, limit=MORE, after=page.next)
            page = self.ports.storage.find(query)
            yield from (_key(it) for it in page.items)


def _key(stored: Stored[OrderTerm]) -> str:
    return stored.value.spot[HASH:]


def rarest(ports: Ports, groups: tuple[Group, ...], bounds: Bounds) -> Postings | None:
    """The group that has fewest orders, as far as a first look tells; the look ends at one that has few."""
    best: Postings | None = None
    for group in groups:
        queries = [_query(term, bounds) for term in group]
        found = Postings(ports, bounds, tuple([(query, ports.storage.find(query)) for query in queries]))
        if best is None or found.rarity < best.rarity:
            best = found
        if best.all_read:
            break
    return best


def _query(term: str, bounds: Bounds) -> Query[OrderTerm]:
    where = (Where("spot", Match.AT_LEAST, f"{term}{bounds.since}"), Where("spot", Match.BELOW, f"{term}{bounds.before}"))
    return Query(OrderTerm, where=where, order_by="spot", descending=True, limit=FIRST)
