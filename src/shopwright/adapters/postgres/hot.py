"""Sends each changeset the way that its quotas go: in its transaction, held first, or in a batch.

Rules
- a storage without `ways` knows nothing of this;
- each scope has batches of its own, since one call writes one scope;
- inside a host's transaction the keys of the other two ways are refused, and the end of a hold is not: it is written with the host's own.
"""

from __future__ import annotations

from functools import partial
from threading import Lock

from shopwright.adapters.batching import Batches
from shopwright.adapters.postgres import committing, holding_first, together
from shopwright.adapters.postgres.calls import Prepared
from shopwright.adapters.postgres.committing import Lender
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.lenders import OwnConnections
from shopwright.errors import NotSupportedHere
from shopwright.ports.quota_ways import QuotaWay, QuotaWays
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal

_Batches = Batches[Prepared, Committed | Refusal]


class HotWithin:
    """The ways of a storage inside a host's transaction."""

    def __init__(self, ways: QuotaWays, engine: Engine) -> None:
        self.ways, self._engine = ways, engine

    def commit(self, lender: Lender, ready: Prepared) -> Committed | Refusal:
        """In the transaction of the host; raises `NotSupportedHere` for a key that goes another way."""
        self.ways.check_within(ready.change.moves)
        return committing.commit(lender, self._engine, ready)

    def within(self) -> HotWithin:
        """Itself."""
        return self


class Hot:
    """The ways of a storage; raises `NotSupportedHere` where functions are not allowed."""

    def __init__(self, ways: QuotaWays, lender: OwnConnections, engine: Engine) -> None:
        if not lender.functions:
            raise NotSupportedHere("other ways need functions in the database; open the storage with functions=True, or without `ways`")
        self.ways, self._lender, self._engine = ways, lender, engine
        self._lock = Lock()
        self._batches: dict[str, _Batches] = {}

    def commit(self, lender: Lender, ready: Prepared) -> Committed | Refusal:
        """Write it the way of its hottest key."""
        match self.ways.way_of(ready.change.moves):
            case QuotaWay.BATCHED:
                return self._batches_of(ready.scope).run(ready)
            case QuotaWay.HOLD_FIRST:
                return holding_first.commit(self._lender, self._engine, ready, self.ways)
            case QuotaWay.IN_TRANSACTION:
                return committing.commit(lender, self._engine, ready)

    def within(self) -> HotWithin:
        """The same ways inside a host's transaction."""
        return HotWithin(self.ways, self._engine)

    def _batches_of(self, scope: str) -> _Batches:
        with self._lock:
            if scope not in self._batches:
                write = partial(together.write, self._lender, self._engine)
                self._batches[scope] = Batches(write, touched=together.touched, most=self.ways.batch)
            return self._batches[scope]
