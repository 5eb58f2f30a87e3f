"""How a search goes, for every search index alike: an adapter answers a few plain questions (`Shelves`), all of one moment, and this does the rest.

    with self._connections.reading() as cursor:
        return searched(query, SqliteShelves(cursor))

Rules
- what goods are found is decided here (`Wanted`), and adapters say which of them they have: their documents, terms and counts agree;
- a cursor is what the last hit was sorted by, and its id; it belongs to its query, and with another it is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from attrs import asdict, evolve, frozen

from shopwright.catalog.languages import Texts
from shopwright.catalog.search_meaning import Meaning, Vocabulary, meaning
from shopwright.catalog.search_text import asked, folded
from shopwright.ports.edge import check_integer
from shopwright.ports.search import MOST_TEXT, Chosen, Facet, FacetCount, SearchHit, SearchPage, SearchQuery, Sort
from shopwright.refusals import Fact, Refusal

MOST_SUGGESTED = 100
"""How many suggestions one may ask for."""

_SEAL = 8


@frozen(kw_only=True)
class Wanted:
    """Which goods are wanted: those that every group finds, or with `every=False` any, and that pass all filters.

    `chosen` has the values of each facet of which goods must have one, `price` the least and the most in `currency`, `channel` the channel that goods
    must be for sale in (those without channels are in all).
    """

    groups: tuple[tuple[tuple[str, ...], ...], ...] = ()
    every: bool = True
    chosen: Chosen = ()
    currency: str = ""
    price: tuple[int | None, int | None] = (None, None)
    channel: str = ""
    in_stock: bool = False

    def without(self, facet: str) -> Wanted:
        """The same without the filter of a facet."""
        return evolve(self, chosen=tuple([(name, values) for name, values in self.chosen if name != facet]))


@frozen
class Ranked:
    """Goods that are wanted, and what they are sorted by: their score, their least price, their folded title, or how popular they are."""

    id: str
    titles: Texts
    score: int
    key: int | str


After = tuple[int | str, str]


class Shelves(Vocabulary, Protocol):
    """What an index is asked for one search. All answers are of one moment."""

    def total(self, wanted: Wanted) -> int:
        """How many goods are wanted."""
        ...

    def ranked(self, wanted: Wanted, *, sort: Sort, after: After | None, limit: int) -> Sequence[Ranked]:
        """The first of the goods that are wanted, in their order, beyond `after`: by key (see `highest_first`), then by id, by code point."""
        ...

    def facet(self, wanted: Wanted, name: str, *, most: int) -> Sequence[FacetCount]:
        """The values of a facet that most of the wanted goods have, those that as many have by code point."""
        ...

    def beginning(self, prefix: str, *, most: int) -> Sequence[str]:
        """Names, then words, that begin with a folded text: as people write them, those of most goods first and then by code point."""
        ...


def highest_first(sort: Sort) -> bool:
    """Whether goods are sorted downward; their ids never are."""
    return sort in {Sort.RELEVANCE, Sort.DEAREST, Sort.POPULAR}


def searched(query: SearchQuery, shelves: Shelves) -> SearchPage | Refusal:
    """One page of a search."""
    if refusal := _cannot_be(query):
        return refusal
    after = _position(query)
    if isinstance(after, Refusal):
        return after
    meant = meaning(query.text, shelves)
    if query.text.strip() and not meant.groups:  # there is a text, and no word in it
        return SearchPage(facets=tuple([Facet(name) for name in query.facets]))
    wanted = _wanted(query, meant)
    total = shelves.total(wanted)
    if not total and len(meant.groups) > 1:
        wanted = evolve(wanted, every=False)
        total = shelves.total(wanted)
    found = shelves.ranked(wanted, sort=query.sort, after=after, limit=query.limit + 1) if total else ()
    facets = [Facet(name, tuple(shelves.facet(wanted.without(name), name, most=query.values))) for name in query.facets]
    hits = [SearchHit(each.id, each.titles.told(*query.languages), each.score) for each in found[: query.limit]]
    more = _cursor(query, found[query.limit - 1]) if len(found) > query.limit else ""
    return SearchPage(tuple(hits), total, tuple(facets), meant.corrected, relaxed=bool(total) and not wanted.every, next=more)


def suggested(prefix: str, shelves: Shelves, *, limit: int) -> tuple[str, ...]:
    """What a text that was begun may become: its last word told to the end, after the words before it where goods have all of them."""
    check_integer("limit", limit, least=1, most=MOST_SUGGESTED)
    begun = folded(prefix[:MOST_TEXT])
    if not begun:
        return ()
    whole = list(shelves.beginning(begun, most=limit))
    before, _, last = begun.rpartition(" ")
    if not before or not asked(last) or len(whole) >= limit:
        return tuple(whole)
    meant = meaning(before, shelves)
    for word in shelves.beginning(last, most=limit):
        found = meaning(word, shelves).groups
        if found and shelves.total(Wanted(groups=(*meant.groups, *found))):
            whole.append(f"{before} {word}")
    return tuple(dict.fromkeys(whole))[:limit]


def _wanted(query: SearchQuery, meant: Meaning) -> Wanted:
    return Wanted(
        groups=meant.groups,
        chosen=query.chosen,
        currency=query.currency,
        price=(query.price_from, query.price_to),
        channel=query.channel,
        in_stock=query.in_stock,
    )


def _cannot_be(query: SearchQuery) -> Refusal | None:
    if len(query.text) > MOST_TEXT:
        facts = {"length": len(query.text), "most": MOST_TEXT}
        return Refusal("search_text_too_long", f"a search takes at most {MOST_TEXT} characters; it was given {len(query.text)}", facts)
    least, most = query.price_from, query.price_to
    if least is not None and most is not None and least > most:
        told: dict[str, Fact] = {"price_from": least, "price_to": most, "currency": query.currency}
        return Refusal("search_price_impossible", f"nothing costs {least} or more and {most} or less (in minor units of {query.currency})", told)
    return None


def _cursor(query: SearchQuery, last: Ranked) -> str:
    body = json.dumps([last.key, last.id], ensure_ascii=False, separators=(",", ":")).encode()
    return urlsafe_b64encode(_seal(query, body) + body).decode().rstrip("=")


def _position(query: SearchQuery) -> After | Refusal | None:
    if not query.after:
        return None
    try:
        data = urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4))
        seal, body = data[:_SEAL], data[_SEAL:]
        if seal != _seal(query, body):
            raise ValueError("the seal is broken")
        key, id = json.loads(body)
    except ValueError:
        return Refusal("search_page_unknown", "this is no page of this search; begin with the first one", {})
    return key, id


def _seal(query: SearchQuery, body: bytes) -> bytes:
    """Tells a damaged cursor, or one of another search; it is no secret, for a cursor opens nothing that the query does not."""
    what = {**asdict(query), "after": "", "limit": 0, "values": 0, "facets": (), "languages": ()}
    return sha256(json.dumps(what, ensure_ascii=False).encode() + body).digest()[:_SEAL]
