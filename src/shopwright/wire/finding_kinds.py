"""What is kept to find orders by: a document per term and order, the words that have a part, and how far the index has followed.

Rules
- a `spot` is the hash of a term, the time of placing and the id of the order, so that the orders of a term lie in the order in which they are found;
- a hash is short: two terms that share one make an order a candidate too many, and nothing worse.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from attrs import frozen

from shopwright.ports.kinds import Index, IndexType, Kind

HASH, TIME = 12, 15
"""How many digits of a spot are its hash, and its time."""

_FIRST = datetime.min.replace(tzinfo=UTC)
_MICRO = timedelta(microseconds=1)

MOST_SUFFIX = 40
"""Of longer parts of words the beginning is kept."""


@frozen
class OrderTerm:
    """That an order is found by a term. Its id is its spot."""

    spot: str


@frozen
class OrderTerms:
    """The terms that an order is found by, as hashes. `phones` are among them; `epoch` counts how often the index was begun anew."""

    order_id: str
    placed: str
    terms: tuple[str, ...]
    phones: tuple[str, ...] = ()
    epoch: int = 0


@frozen
class OrderWord:
    """A word of goods that were sold, found by how one of its ends begins."""

    suffix: str
    word: str


@frozen
class OrderIndex:
    """How far the index of orders has followed the stream of events, and the latest time of what it has followed; there is one."""

    position: str
    at: datetime
    epoch: int = 0


def hashed(term: str) -> str:
    """A term as spots have it."""
    return sha256(term.encode()).hexdigest()[:HASH]


def placed(at: datetime) -> str:
    """A time as spots have it: earlier ones come first."""
    return f"{(at - _FIRST) // _MICRO:0{TIME}x}"


def word_id(suffix: str, word: str) -> str:
    """The id of a part of a word."""
    return sha256(f"{suffix}\0{word}".encode()).hexdigest()


def suffixes(word: str) -> frozenset[str]:
    """The ends of a word, each down to its beginning."""
    return frozenset(word[at : at + MOST_SUFFIX] for at in range(len(word)))


DOCUMENTS = (
    Kind("order_term", OrderTerm, indexes=(Index("spot", IndexType.TEXT, lambda term: term.spot),), erasable=True),
    Kind("order_terms", OrderTerms),
    Kind("order_word", OrderWord, indexes=(Index("suffix", IndexType.TEXT, lambda word: word.suffix),)),
    Kind("order_index", OrderIndex),
)
