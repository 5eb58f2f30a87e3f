"""Write off kept money whose time is over, and let go what was held for too long. A host runs it every hour or day, in as many workers as it likes:
what can be spent follows from the clock, whether this has run or not; the liability is as of the last run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from shopwright.credit import ledger
from shopwright.credit.account import CreditAccount
from shopwright.errors import VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.credit.saving import TRIES, KeptCredit, changes_of
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Match, Operation, Query, Where

PAGE = 200


def expire_credit(ports: Ports, *, at: datetime, limit: int = 10_000) -> int:
    """Settle what has lapsed in at most `limit` accounts, the longest lapsed first; how many accounts that were.

    Each is a changeset of its own, keyed by where its account stands. Raises `InvalidValue` for a limit below 1.
    """
    check_integer("limit", limit, least=1)
    at, settled = moment(at), 0
    for seen, id in enumerate(_lapsing(ports, at), 1):
        with suppress(VersionConflict):  # somebody keeps changing it; the next sweep finds it again
            settled += _settled(ports, id, at)
        if seen >= limit:
            break
    return settled


def _lapsing(ports: Ports, at: datetime) -> Iterator[str]:
    after, where = "", (Where("lapses_at", Match.AT_MOST, at),)
    while True:
        page = ports.storage.find(Query(CreditAccount, where=where, order_by="lapses_at", limit=PAGE, after=after))
        yield from [stored.value.id for stored in page.items]
        if not page.next:
            return
        after = page.next


def _settled(ports: Ports, id: str, at: datetime) -> bool:
    def attempt() -> bool:
        stored = ports.storage.load(CreditAccount, id)
        assert stored is not None, "accounts are never taken out of the store"
        posted = ledger.settle(stored.value, at=at)
        if not posted.entries:
            return False
        changes = changes_of(KeptCredit(stored.value, stored.version), posted)
        op = Operation(fitted(f"credit/{id}/{stored.value.entry_count}"), "settle", id)
        ports.storage.commit(Changeset(op, at, puts=changes.puts, moves=changes.moves, records=changes.records))
        return True

    return tried(ports.storage, attempt, most=TRIES)
