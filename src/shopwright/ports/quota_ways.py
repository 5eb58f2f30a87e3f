"""How a store writes the quotas that everybody wants at once: the setting that its owner hands to a storage, quota by quota.

Rules
- a way changes how fast a changeset is written, never what it does: every promise of the storage port holds under each;
- `in_transaction`, the default, moves the quota inside the write: writers of one hot key wait for each other's commits;
- `hold_first` reserves hot keys in a short transaction that waits for no disk, and then writes the rest, with nobody waiting: for slow disks;
- `batched` writes changesets that wait in one process together, in one transaction with one move per key: for flash sales;
- a changeset goes the way of its hottest key: `batched` before `hold_first` before `in_transaction`;
- inside a host's transaction there is one way only: a joined storage raises `NotSupportedHere` for the keys of the other two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.edge import TEXT_LIMIT, check_integer, check_text
from shopwright.ports.quotas import CommitHold, Grant, QuotaMove, ReleaseHold, Reserve, Take

BATCH_LIMIT = 256


class QuotaWay(StrEnum):
    """How the moves of a quota are written."""

    IN_TRANSACTION = "in_transaction"
    HOLD_FIRST = "hold_first"
    BATCHED = "batched"


def _by_pattern(told: Mapping[str, QuotaWay | str]) -> tuple[tuple[str, QuotaWay], ...]:
    if not isinstance(told, Mapping):
        raise InvalidValue(f"expected a mapping of quota keys to ways, got {type(told).__name__}; write {{'stock/tea': 'batched'}}")
    return tuple((pattern, _way(pattern, way)) for pattern, way in told.items())


def _way(pattern: str, way: QuotaWay | str) -> QuotaWay:
    check_text("pattern of quota keys", pattern, most=TEXT_LIMIT + 1)
    if "*" in pattern[:-1]:
        raise InvalidValue(f"expected a quota key, or the beginning of some and a '*' after it, got {pattern!r}")
    try:
        return QuotaWay(way)
    except ValueError:
        raise InvalidValue(f"expected a way for {pattern!r}, got {way!r}; allowed: {', '.join(QuotaWay)}") from None


@frozen
class QuotaWays:
    """Which way each quota goes: `QuotaWays({"stock/flash-tea": "batched", "stock/*": "hold_first"})`.

    A pattern is a key, or the beginning of some and a `*`; the first one that fits decides, and a key that none fits goes `in_transaction`.
    `batch` is how many changesets one transaction takes at most, 1 to 256. `hold_for` is how long a hold that was made first counts when whoever
    made it dies before the rest is written; more than a second and at most a day. Raises `InvalidValue`.
    """

    by_pattern: tuple[tuple[str, QuotaWay], ...] = field(default={}, converter=_by_pattern)
    batch: int = field(default=32, kw_only=True)
    hold_for: timedelta = field(default=timedelta(seconds=60), kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_integer("batch", self.batch, least=1, most=BATCH_LIMIT)
        if not timedelta(seconds=1) <= self.hold_for <= timedelta(days=1):
            raise InvalidValue(f"expected a hold_for of a second to a day, got {self.hold_for}")

    def way(self, key: str) -> QuotaWay:
        """The way of one quota."""
        for pattern, way in self.by_pattern:
            if key == pattern or (pattern[-1] == "*" and key.startswith(pattern[:-1])):
                return way
        return QuotaWay.IN_TRANSACTION

    def uses(self, way: QuotaWay) -> bool:
        """Whether any key may go this way."""
        return any(each is way for _, each in self.by_pattern)

    def way_of(self, moves: Iterable[QuotaMove]) -> QuotaWay:
        """The way of a changeset with these moves. Where keys are batched, so is the end of every hold, as it may be one of theirs."""
        hottest = QuotaWay.IN_TRANSACTION
        for move in moves:
            way = self._way_of_end() if isinstance(move, CommitHold | ReleaseHold) else self._hottest(keys_of(move))
            if way is QuotaWay.BATCHED:
                return way
            if way is QuotaWay.HOLD_FIRST:
                hottest = way
        return hottest

    def check_within(self, moves: Iterable[QuotaMove]) -> None:
        """Raise `NotSupportedHere` for a key that cannot be written inside a host's transaction."""
        for key in (key for move in moves for key in keys_of(move)):
            way = self.way(key)
            if way is not QuotaWay.IN_TRANSACTION:
                raise NotSupportedHere(
                    f"the quota {key} is {way}, which is done in transactions of its own and not in a host's; "
                    "commit through the storage itself, or let the key go in_transaction"
                )

    def _way_of_end(self) -> QuotaWay:
        return QuotaWay.BATCHED if self.uses(QuotaWay.BATCHED) else QuotaWay.IN_TRANSACTION

    def _hottest(self, keys: Iterable[str]) -> QuotaWay:
        ways = {self.way(key) for key in keys}
        return next((way for way in (QuotaWay.BATCHED, QuotaWay.HOLD_FIRST) if way in ways), QuotaWay.IN_TRANSACTION)


def keys_of(move: QuotaMove) -> tuple[str, ...]:
    """The keys that a move names; the end of a hold names none."""
    match move:
        case Reserve(items=items):
            return tuple(key for key, _ in items)
        case CommitHold() | ReleaseHold():
            return ()
        case _:
            return (move.key,)


def holds_of(moves: Iterable[QuotaMove]) -> frozenset[str]:
    """The holds that moves make or end."""
    return frozenset(move.hold for move in moves if isinstance(move, Reserve | CommitHold | ReleaseHold))


def drawn_by(moves: Iterable[QuotaMove], key: str) -> int:
    """How much of one quota these moves take or hold."""
    drawn = 0
    for move in moves:
        match move:
            case Reserve(items=items):
                drawn += sum(quantity for item, quantity in items if item == key)
            case Take(key=taken, quantity=quantity) if taken == key:
                drawn += quantity
            case Grant(key=granted, quantity=quantity) if granted == key and quantity < 0:
                drawn -= quantity
            case _:
                pass
    return drawn
