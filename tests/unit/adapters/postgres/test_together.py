"""Changesets that are written in one transaction are each answered as if they had been alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shopwright.adapters.postgres import together
from shopwright.adapters.postgres.calls import prepared
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.errors import KeyConflict, NotSupportedHere, StorageUnavailable, VersionConflict
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Take
from shopwright.ports.storage import Changeset, Committed, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, every_record, hold, noted, put, stocked, texts
from tests.unit.adapters.postgres.conftest import Opener, leaving, staying


def written(storage: PostgresStorage, *changes: Changeset) -> list[Any]:
    """The outcomes of a batch."""
    engine = storage._engine
    batch = [prepared("", change, engine.kinds, engine.table_by_type, engine.codec) for change in changes]
    return together.write(storage._lender, engine, batch)  # type: ignore[arg-type]  # its lender is its own: it is not joined


def transactions(admin: Any, schema: str) -> list[int]:
    """How many operations each transaction has written."""
    rows = admin.execute(f"select count(*) from {schema}.operation group by xmin order by 1").fetchall()
    return [number for (number,) in rows]


def test_a_batch_is_one_transaction_with_the_documents_records_holds_and_counts_of_all(storage: PostgresStorage, admin: Any, schema: str) -> None:
    stocked(storage, tea=100, milk=100)
    done(storage, hold("old-1", ("tea", 3)), hold("old-2", ("tea", 4), ("milk", 1)))
    orders = [
        a_change(put(Note(f"n-{number}")), noted(1, key=f"n-{number}"), hold(f"h-{number}", ("tea", 2), ("milk", 1)), answer=f"did {number}")
        for number in range(5)
    ]
    ends = [a_change(CommitHold("old-1")), a_change(ReleaseHold("old-2")), a_change(Take("tea", 5), Grant("salt", 9))]
    assert written(storage, *orders, *ends) == [*(Committed(f"did {number}") for number in range(5)), *[Committed("")] * 3]
    assert transactions(admin, schema) == [1, 1, 8]
    assert [counts(storage, key) for key in ("tea", "milk", "salt")] == [(100, 8, 10), (100, 0, 5), (9, 0, 0)]
    assert storage.load_many(Note, ["n-0", "n-4"]) == {id: Stored(Note(id), 1) for id in ("n-0", "n-4")}
    assert texts(every_record(storage)) == [f"n-{number} 1" for number in range(5)]
    done(storage, *(CommitHold(f"h-{number}") for number in range(5)))
    assert counts(storage, "tea") == (100, 18, 0)


def test_the_ends_of_many_holds_are_one_write_for_each_key(storage: PostgresStorage) -> None:
    stocked(storage, tea=100, milk=100)
    done(storage, *(hold(f"h-{number}", ("milk", 1), ("tea", number)) for number in range(1, 5)))
    assert written(storage, *(a_change(CommitHold(f"h-{number}")) for number in (1, 2)), a_change(ReleaseHold("h-3"))) == [Committed("")] * 3
    assert [counts(storage, key) for key in ("tea", "milk")] == [(100, 3, 4), (100, 2, 1)]


def test_when_too_little_is_left_for_all_those_get_it_who_came_first(storage: PostgresStorage, admin: Any, schema: str) -> None:
    stocked(storage, tea=5, milk=9)
    moves = [Take("tea", 2), hold("h", ("tea", 2), ("milk", 1)), Take("tea", 2), Take("milk", 1), Take("tea", 1)]
    outcomes = written(storage, *(a_change(move) for move in moves))
    assert outcomes[:2] + outcomes[3:] == [Committed("")] * 4
    assert (outcomes[2].code, dict(outcomes[2].facts)) == ("quota_exhausted", {"key": "tea", "wanted": 2, "free": 0})
    assert (counts(storage, "tea"), counts(storage, "milk")) == ((5, 3, 2), (9, 1, 1))
    assert transactions(admin, schema) == [1, 4]


def test_lapsed_holds_are_reclaimed_for_a_batch_as_for_one(storage: PostgresStorage) -> None:
    stocked(storage, tea=4)
    done(storage, hold("h-1", ("tea", 2)), hold("h-2", ("tea", 2)))
    assert written(storage, *(a_change(Take("tea", 1), at=LATER) for _ in range(4))) == [Committed("")] * 4
    assert counts(storage, "tea", at=NOON) == (4, 4, 0)
    late = written(storage, a_change(CommitHold("h-1")), a_change(CommitHold("h-2")))
    assert [outcome.code for outcome in late] == ["hold_lapsed", "hold_lapsed"]


def test_whoever_is_in_the_way_hears_why_and_the_others_are_written_together(storage: PostgresStorage, admin: Any, schema: str) -> None:
    stocked(storage, tea=100)
    done(storage, put(Note("there", slug="taken")), noted(1, key="there"), hold("there", ("tea", 1)))
    assert isinstance(storage.commit(a_change(Take("tea", 1), key="again", command="c", answer="before")), Committed)
    changes = {
        "repeated": a_change(Take("tea", 1), key="again", command="c"),
        "stale": a_change(put(Note("there")), Take("tea", 1)),
        "late": a_change(noted(1, key="there"), Take("tea", 1)),
        "fine": a_change(put(Note("n-1")), Take("tea", 1)),
        "fine too": a_change(noted(2, key="there"), Take("tea", 1)),
    }
    outcomes = dict(zip(changes, written(storage, *changes.values()), strict=True))
    assert (outcomes["repeated"], outcomes["fine"], outcomes["fine too"]) == (Committed("before", repeated=True), Committed(""), Committed(""))
    assert [type(outcomes[name]) for name in ("stale", "late")] == [VersionConflict, VersionConflict]
    assert counts(storage, "tea") == (100, 3, 1)
    assert transactions(admin, schema) == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (put(Note("n-2", slug="taken")), "index_taken"),
        (hold("there", ("milk", 1)), "hold_exists"),
        (CommitHold("nowhere"), "hold_unknown"),
        (Give("milk", 1), "quota_not_taken"),
    ],
    ids=["index", "hold", "end", "give"],
)
def test_a_refusal_in_a_batch_is_the_one_of_its_own_changeset(storage: PostgresStorage, part: Any, told: str) -> None:
    stocked(storage, tea=100, milk=5)
    done(storage, put(Note("there", slug="taken")), hold("there", ("tea", 1)))
    refusal, *others = written(storage, a_change(part), *(a_change(Take("tea", 1)) for _ in range(3)))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, others, counts(storage, "tea")) == (told, [Committed("")] * 3, (100, 3, 1))


def test_another_command_under_a_used_key_conflicts_for_its_own_caller_alone(storage: PostgresStorage) -> None:
    stocked(storage, tea=100)
    storage.commit(a_change(Take("tea", 1), key="used", command="one"))
    conflict, other = written(storage, a_change(Take("tea", 1), key="used", command="two"), a_change(Take("tea", 1)))
    assert (type(conflict), other) == (KeyConflict, Committed(""))


def test_giving_back_and_taking_the_same_are_decided_in_their_turns(storage: PostgresStorage) -> None:
    stocked(storage, tea=1)
    outcomes = written(storage, a_change(Give("tea", 1)), a_change(Take("tea", 1)), a_change(Take("tea", 1)))
    assert [outcome.code if isinstance(outcome, Refusal) else "done" for outcome in outcomes] == ["quota_not_taken", "done", "quota_exhausted"]


def test_steps_of_one_key_are_added_up_unless_it_is_given_back_or_granted() -> None:
    steps = [(0, "milk", 2, 0, 1, 0), (0, "milk", 3, 0, -1, 0), (0, "tea", 0, 0, 1, 0), (0, "tea", 4, 0, 0, 2), (9, "hot", 1, 0, 1, 0)]
    assert together.added_up(steps) == [(0, "milk", 2, 0, 1, 0), (0, "milk", 3, 0, -1, 0), (0, "tea", 0, 0, 1, 2), (9, "hot", 1, 0, 1, 0)]


def test_a_server_that_goes_away_in_a_batch_is_an_outage_for_all_of_it(storage: PostgresStorage, admin: Any, schema: str) -> None:
    stocked(storage, tea=100)
    leaving(admin, schema)
    outcomes = written(storage, a_change(Take("tea", 1)), a_change(put(Note("n-1")), Take("tea", 1)))
    assert [type(outcome) for outcome in outcomes] == [StorageUnavailable, StorageUnavailable]
    staying(admin, schema)
    assert counts(storage, "tea") == (100, 0, 0)


def test_what_a_batch_wrote_at_different_times_keeps_its_times(storage: PostgresStorage) -> None:
    stocked(storage, tea=9)
    written(storage, a_change(noted(1, key="a"), Take("tea", 1)), a_change(noted(1, key="b"), Take("tea", 1), at=NOON + timedelta(hours=1)))
    assert [record.at for record in every_record(storage)] == [NOON, NOON + timedelta(hours=1)]


def test_other_ways_need_functions(open_shop: Opener) -> None:
    with pytest.raises(NotSupportedHere, match="open the storage with functions=True, or without `ways`"):
        open_shop(functions=False, ways=QuotaWays({"tea": "batched"}))
