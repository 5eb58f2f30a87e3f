"""Hot keys are held in a transaction of their own, and whatever happens between the two, nothing is lost and nothing stays held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import KeyConflict, NotSupportedHere, StorageUnavailable, VersionConflict
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Take
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.steps import SOON, a_change, counts, done, hold, put, refused, stocked
from tests.unit.adapters.postgres.conftest import Opener, leaving, staying

WAYS = QuotaWays({"hot": "hold_first", "flash": "batched"}, hold_for=timedelta(seconds=60))


@pytest.fixture
def storage(open_shop: Opener) -> PostgresStorage:
    storage = open_shop(ways=WAYS)
    stocked(storage, hot=10, tea=10, flash=10)
    return storage


def holds(admin: Any, schema: str) -> list[str]:
    """The holds that are there."""
    return [id for (id,) in admin.execute(f'select id from {schema}.hold order by id collate "C"').fetchall()]


def test_the_hot_quota_is_written_before_and_apart_from_the_changeset(storage: PostgresStorage, admin: Any, schema: str) -> None:
    done(storage, put(Note("n-1")), hold("h", ("hot", 2), ("tea", 1)))
    hot, tea, note, kept = (
        admin.execute(f"select xmin::text::bigint from {schema}.{where}").fetchone()[0]
        for where in ("quota where key = 'hot'", "quota where key = 'tea'", "note", "hold")
    )
    assert hot < tea == note == kept
    assert (counts(storage, "hot"), counts(storage, "tea"), holds(admin, schema)) == ((10, 0, 2), (10, 0, 1), ["h"])


def test_what_was_held_first_ends_like_any_hold(storage: PostgresStorage, admin: Any, schema: str) -> None:
    done(storage, hold("h-1", ("hot", 2)), hold("h-2", ("hot", 3), ("tea", 1)))
    assert counts(storage, "hot", at=SOON) == (10, 0, 0)
    done(storage, CommitHold("h-1"), ReleaseHold("h-2"))
    assert (counts(storage, "hot"), counts(storage, "tea"), holds(admin, schema)) == ((10, 2, 0), (10, 0, 0), [])


def test_a_refusal_of_another_key_gives_back_what_was_held_first(storage: PostgresStorage, admin: Any, schema: str) -> None:
    refusal = refused(storage, hold("h", ("hot", 2), ("tea", 11)))
    assert (refusal.code, dict(refusal.facts)) == ("quota_exhausted", {"key": "tea", "wanted": 11, "free": 10})
    assert (counts(storage, "hot"), holds(admin, schema)) == ((10, 0, 0), [])


def test_a_refusal_of_the_hot_key_is_the_ordinary_one(storage: PostgresStorage) -> None:
    refusal = refused(storage, hold("h", ("hot", 11), ("tea", 1)))
    assert (refusal.code, dict(refusal.facts)) == ("quota_exhausted", {"key": "hot", "wanted": 11, "free": 10})


def test_a_repeated_command_a_stale_put_and_a_key_conflict_leave_nothing_held(storage: PostgresStorage, admin: Any, schema: str) -> None:
    assert storage.commit(a_change(put(Note("n-1")), hold("h", ("hot", 1)), key="k", command="c", answer="yes")) == Committed("yes")
    assert storage.commit(a_change(put(Note("n-1")), hold("h", ("hot", 1)), key="k", command="c")) == Committed("yes", repeated=True)
    with pytest.raises(KeyConflict):
        storage.commit(a_change(hold("i", ("hot", 1)), key="k", command="another"))
    with pytest.raises(VersionConflict):
        storage.commit(a_change(put(Note("n-1")), hold("i", ("hot", 1))))
    assert (counts(storage, "hot"), holds(admin, schema)) == ((10, 0, 1), ["h"])


def test_a_hold_that_lost_its_changeset_counts_until_its_time_and_is_free_afterwards(storage: PostgresStorage, admin: Any, schema: str) -> None:
    leaving(admin, schema)
    change = a_change(put(Note("n-1")), hold("h", ("hot", 10)), key="k", command="c", answer="yes")
    with pytest.raises(StorageUnavailable):
        storage.commit(change)
    staying(admin, schema)
    orphan = holds(admin, schema)
    assert (len(orphan), orphan[0][:6], counts(storage, "hot")) == (1, "first/", (10, 0, 10))
    assert refused(storage, hold("h", ("hot", 1)), at=NOON + timedelta(seconds=59)).code == "quota_exhausted"
    again = NOON + timedelta(seconds=60)
    assert counts(storage, "hot", at=again) == (10, 0, 0)
    done(storage, hold("other", ("hot", 10)), at=again)
    outcome = storage.commit(change)
    assert isinstance(outcome, Refusal)
    assert (outcome.code, counts(storage, "hot", at=NOON)) == ("quota_exhausted", (10, 0, 10))


def test_a_hot_key_that_is_moved_otherwise_too_goes_in_the_transaction(storage: PostgresStorage) -> None:
    done(storage, Take("hot", 1))
    done(storage, Give("hot", 1), Grant("hot", 5), hold("h", ("hot", 15)))
    assert counts(storage, "hot") == (15, 0, 15)


def test_a_reserve_of_two_holds_on_one_hot_key_is_held_first_as_their_sum(storage: PostgresStorage) -> None:
    done(storage, hold("h-1", ("hot", 4)), hold("h-2", ("hot", 6)))
    done(storage, ReleaseHold("h-1"))
    assert counts(storage, "hot") == (10, 0, 6)


def test_ranks_that_are_not_known_yet_are_learned_on_the_way(open_shop: Opener) -> None:
    done(open_shop(), Grant("hot", 5, rank=7))
    storage = open_shop(ways=WAYS)
    done(storage, hold("h-1", ("hot", 1)))
    done(storage, hold("h-2", ("hot", 1)))
    assert counts(storage, "hot") == (5, 0, 2)


def test_in_a_hosts_transaction_hot_keys_are_refused_and_the_end_of_a_hold_is_not(storage: PostgresStorage, postgres_server: LocalPostgres) -> None:
    done(storage, hold("h", ("hot", 2)))
    with psycopg.connect(postgres_server.conninfo) as host:
        joined = storage.joined(host)
        for key, way in (("hot", "hold_first"), ("flash", "batched")):
            with pytest.raises(NotSupportedHere, match=f"the quota {key} is {way}, which is done in transactions of its own"):
                joined.scoped("tenant").commit(a_change(hold("i", (key, 1))))
        done(joined, CommitHold("h"), Take("tea", 1))
    assert (counts(storage, "hot"), counts(storage, "tea")) == ((10, 2, 0), (10, 1, 0))


def test_tenants_go_the_ways_of_their_storage_and_never_meet(storage: PostgresStorage) -> None:
    tenant = storage.scoped("tenant")
    stocked(tenant, hot=1, flash=1)
    done(tenant, hold("h", ("hot", 1)))
    done(tenant, hold("i", ("flash", 1)))
    assert [counts(tenant, key) for key in ("hot", "flash")] == [(1, 0, 1)] * 2
    assert [counts(storage, key) for key in ("hot", "flash")] == [(10, 0, 0)] * 2
