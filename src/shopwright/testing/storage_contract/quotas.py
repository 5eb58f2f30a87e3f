"""Quotas: bounded counters with two-phase moves, never below zero, decided inside the write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright.errors import InvalidValue
from shopwright.ports.quotas import CommitHold, Give, Grant, Quota, ReleaseHold, Take
from shopwright.ports.storage import Storage
from shopwright.testing.clock import NOON
from shopwright.testing.storage_contract.steps import LATER, SOON, a_change, counts, done, hold, refused, stocked

TICK = timedelta(microseconds=1)


class QuotaPromises:
    """Grant, take, give, reserve, commit and release: what each does, and what each is refused for."""

    def test_a_key_that_was_never_granted_stands_at_zero(self, storage: Storage) -> None:
        assert storage.quota(("tea", "milk"), at=NOON) == {"tea": Quota("tea", 0, 0, 0), "milk": Quota("milk", 0, 0, 0)}
        assert storage.quota((), at=NOON) == {}

    def test_a_quota_tells_what_was_granted_used_and_held_and_what_is_free(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, Take("tea", 3), hold("h-1", ("tea", 2)))
        quota = storage.quota(("tea",), at=NOON)["tea"]
        assert (quota, quota.free) == (Quota("tea", granted=10, used=3, held=2), 5)

    def test_grants_add_up(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, Grant("tea", 5), Grant("tea", 1, rank=9))
        assert counts(storage, "tea") == (16, 0, 0)

    def test_a_negative_grant_takes_what_is_free_and_no_more(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, Take("tea", 3), hold("h-1", ("tea", 2)))
        short = refused(storage, Grant("tea", -6))
        assert (short.code, dict(short.facts)) == ("quota_exhausted", {"key": "tea", "wanted": 6, "free": 5})
        done(storage, Grant("tea", -5))
        assert counts(storage, "tea") == (5, 3, 2)
        assert refused(storage, Grant("milk", -1)).code == "quota_exhausted"

    def test_a_take_uses_what_is_free_and_no_more(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, Take("tea", 9))
        short = refused(storage, Take("tea", 2))
        assert (short.code, dict(short.facts)) == ("quota_exhausted", {"key": "tea", "wanted": 2, "free": 1})
        done(storage, Take("tea", 1))
        assert counts(storage, "tea") == (10, 10, 0)
        short = refused(storage, Take("milk", 1))
        assert dict(short.facts) == {"key": "milk", "wanted": 1, "free": 0}

    def test_a_give_returns_what_is_used_and_no_more(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, Take("tea", 3))
        short = refused(storage, Give("tea", 4))
        assert (short.code, dict(short.facts)) == ("quota_not_taken", {"key": "tea", "wanted": 4, "used": 3})
        done(storage, Give("tea", 3))
        assert counts(storage, "tea") == (10, 0, 0)
        assert refused(storage, Give("milk", 1)).code == "quota_not_taken"

    def test_a_hold_takes_from_what_is_free_until_it_is_committed(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 8)))
        short = refused(storage, Take("tea", 3))
        assert (short.code, dict(short.facts)) == ("quota_exhausted", {"key": "tea", "wanted": 3, "free": 2})
        done(storage, CommitHold("h-1"))
        assert counts(storage, "tea") == (10, 8, 0)

    def test_a_released_hold_is_free_again(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 8)))
        done(storage, ReleaseHold("h-1"))
        assert counts(storage, "tea") == (10, 0, 0)
        done(storage, Take("tea", 10))

    def test_a_hold_covers_several_keys_all_or_none(self, storage: Storage) -> None:
        stocked(storage, tea=10, milk=1, cups=3)
        short = refused(storage, hold("h-1", ("tea", 2), ("milk", 2), ("cups", 9)))
        assert (short.code, dict(short.facts)) == ("quota_exhausted", {"key": "milk", "wanted": 2, "free": 1})
        assert [counts(storage, key) for key in ("tea", "milk", "cups")] == [(10, 0, 0), (1, 0, 0), (3, 0, 0)]
        done(storage, hold("h-1", ("tea", 2), ("milk", 1), ("cups", 3)))
        done(storage, CommitHold("h-1"))
        assert [counts(storage, key) for key in ("tea", "milk", "cups")] == [(10, 2, 0), (1, 1, 0), (3, 3, 0)]

    def test_a_hold_id_that_is_in_use_is_refused(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 1)))
        taken = refused(storage, hold("h-1", ("tea", 2)))
        assert (taken.code, dict(taken.facts)) == ("hold_exists", {"hold": "h-1"})
        assert counts(storage, "tea") == (10, 0, 1)

    @pytest.mark.parametrize("end", [CommitHold, ReleaseHold])
    def test_a_hold_that_is_not_there_cannot_be_ended(self, storage: Storage, end: type[CommitHold | ReleaseHold]) -> None:
        unknown = refused(storage, end("h-1"))
        assert (unknown.code, dict(unknown.facts)) == ("hold_unknown", {"hold": "h-1"})

    @pytest.mark.parametrize("first", [CommitHold, ReleaseHold])
    @pytest.mark.parametrize("second", [CommitHold, ReleaseHold])
    def test_a_hold_ends_once(self, storage: Storage, first: type[CommitHold | ReleaseHold], second: type[CommitHold | ReleaseHold]) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        done(storage, first("h-1"))
        assert refused(storage, second("h-1")).code == "hold_unknown"
        assert counts(storage, "tea") == (10, 4 if first is CommitHold else 0, 0)

    def test_moves_apply_in_their_order(self, storage: Storage) -> None:
        done(storage, Grant("tea", 5), Take("tea", 5), Give("tea", 2), hold("h-1", ("tea", 2)), CommitHold("h-1"), Grant("tea", 1), Take("tea", 1))
        assert counts(storage, "tea") == (6, 6, 0)
        assert refused(storage, Take("milk", 1), Grant("milk", 1)).code == "quota_exhausted"
        assert refused(storage, CommitHold("h-2"), hold("h-2", ("tea", 1))).code == "hold_unknown"

    def test_a_hold_is_traded_for_another_in_one_changeset_though_nothing_else_is_free(self, storage: Storage) -> None:
        stocked(storage, tea=10, milk=2)
        done(storage, hold("cart", ("tea", 10)))
        short = refused(storage, ReleaseHold("cart"), hold("order", ("tea", 9), ("milk", 3)))
        assert (short.code, short.fact("key"), counts(storage, "tea")) == ("quota_exhausted", "milk", (10, 0, 10))
        done(storage, ReleaseHold("cart"), hold("order", ("tea", 9), ("milk", 2)))
        assert [counts(storage, key) for key in ("tea", "milk")] == [(10, 0, 9), (2, 0, 2)]
        assert refused(storage, CommitHold("cart")).code == "hold_unknown"
        done(storage, CommitHold("order"))

    def test_the_first_refusal_is_the_one_that_is_told(self, storage: Storage) -> None:
        assert refused(storage, Give("tea", 1), Take("tea", 1)).code == "quota_not_taken"
        assert refused(storage, Take("tea", 1), Give("tea", 1)).code == "quota_exhausted"

    def test_keys_of_every_rank_are_moved_in_one_changeset(self, storage: Storage) -> None:
        done(storage, Grant("hot", 9, rank=7), Grant("cold", 9), Grant("warm", 9, rank=3))
        done(storage, hold("h-1", ("hot", 1), ("cold", 2), ("warm", 3)), Take("hot", 4), Take("cold", 5))
        assert [counts(storage, key) for key in ("hot", "cold", "warm")] == [(9, 4, 1), (9, 5, 2), (9, 0, 3)]

    def test_the_largest_integer_can_be_granted_and_no_more(self, storage: Storage) -> None:
        stocked(storage, tea=2**63 - 1)
        with pytest.raises(InvalidValue, match="64 bits"):
            storage.commit(a_change(Take("tea", 1), Grant("tea", 1)))
        assert counts(storage, "tea") == (2**63 - 1, 0, 0)
        done(storage, Take("tea", 2**63 - 1))

    def test_keys_in_any_script_are_different_keys(self, storage: Storage) -> None:
        keys = ("茶", "شاي", "🫖", "é", "e\u0301", "E", "e")
        done(storage, *(Grant(key, number) for number, key in enumerate(keys, 1)))
        assert {key: quota.granted for key, quota in storage.quota(keys, at=NOON).items()} == {key: number for number, key in enumerate(keys, 1)}


class LapsePromises:
    """A lapsed hold counts as free when read, is reclaimed only when needed, and never revives once it was."""

    def test_a_hold_lapses_at_its_very_end(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        assert counts(storage, "tea", at=SOON - TICK) == (10, 0, 4)
        assert counts(storage, "tea", at=SOON) == (10, 0, 0)
        assert counts(storage, "tea", at=LATER) == (10, 0, 0)

    def test_a_lapsed_hold_makes_room_only_when_a_move_would_fall_short(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        done(storage, Take("tea", 6), at=LATER)
        done(storage, CommitHold("h-1"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (10, 10, 0)

    def test_a_lapsed_hold_still_commits_while_it_is_unreclaimed(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 10)))
        done(storage, CommitHold("h-1"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (10, 10, 0)

    @pytest.mark.parametrize("move", [Take("tea", 7), Grant("tea", -7), hold("h-2", ("tea", 7), until=LATER + timedelta(hours=1))])
    def test_a_move_that_would_fall_short_reclaims_it_and_its_commit_is_refused(self, storage: Storage, move: Take | Grant) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        assert refused(storage, move, at=SOON - TICK).code == "quota_exhausted"
        done(storage, move, at=SOON)
        lapsed = refused(storage, CommitHold("h-1"), at=SOON)
        assert (lapsed.code, dict(lapsed.facts)) == ("hold_lapsed", {"hold": "h-1"})

    def test_a_reclaimed_hold_never_revives_whatever_the_clock_does(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        done(storage, Take("tea", 10), at=LATER)
        for at in (LATER, SOON, NOON, NOON - timedelta(days=365)):
            assert refused(storage, CommitHold("h-1"), at=at).code == "hold_lapsed"
            assert counts(storage, "tea", at=at) == (10, 10, 0)
        done(storage, Give("tea", 10), at=NOON)
        assert refused(storage, CommitHold("h-1"), at=NOON).code == "hold_lapsed"
        assert refused(storage, hold("h-1", ("tea", 1)), at=NOON).code == "hold_exists"

    def test_a_hold_that_lapsed_is_held_again_when_the_clock_goes_back_and_nobody_reclaimed_it(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        assert counts(storage, "tea", at=LATER) == (10, 0, 0)
        assert counts(storage, "tea", at=NOON) == (10, 0, 4)
        assert refused(storage, Take("tea", 7), at=NOON).code == "quota_exhausted"
        done(storage, CommitHold("h-1"), at=NOON)

    def test_releasing_a_reclaimed_hold_does_nothing(self, storage: Storage) -> None:
        stocked(storage, tea=10)
        done(storage, hold("h-1", ("tea", 4)))
        done(storage, Take("tea", 10), at=LATER)
        done(storage, ReleaseHold("h-1"), at=LATER)
        done(storage, ReleaseHold("h-1"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (10, 10, 0)
        assert refused(storage, CommitHold("h-1"), at=LATER).code == "hold_lapsed"

    def test_the_hold_that_ended_first_is_reclaimed_first_and_no_more_than_needed(self, storage: Storage) -> None:
        stocked(storage, tea=9)
        done(storage, hold("h-3", ("tea", 3), until=SOON - 3 * TICK))
        done(storage, hold("h-1", ("tea", 3), until=SOON - TICK), hold("h-2", ("tea", 3), until=SOON - 2 * TICK))
        done(storage, Take("tea", 4), at=LATER)
        assert refused(storage, CommitHold("h-3"), at=LATER).code == "hold_lapsed"
        assert refused(storage, CommitHold("h-2"), at=LATER).code == "hold_lapsed"
        done(storage, CommitHold("h-1"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (9, 7, 0)

    def test_of_holds_that_ended_together_the_first_by_id_is_reclaimed(self, storage: Storage) -> None:
        stocked(storage, tea=9)
        done(storage, hold("b", ("tea", 3)), hold("a", ("tea", 3)), hold("C", ("tea", 3)))
        done(storage, Take("tea", 4), at=LATER)
        assert refused(storage, CommitHold("C"), at=LATER).code == "hold_lapsed"
        assert refused(storage, CommitHold("a"), at=LATER).code == "hold_lapsed"
        done(storage, CommitHold("b"), at=LATER)

    def test_live_holds_are_never_reclaimed(self, storage: Storage) -> None:
        stocked(storage, tea=9)
        done(storage, hold("live", ("tea", 4), until=LATER + TICK), hold("lapsed", ("tea", 4)))
        short = refused(storage, Take("tea", 6), at=LATER)
        assert dict(short.facts) == {"key": "tea", "wanted": 6, "free": 5}
        done(storage, CommitHold("live"), at=LATER)
        done(storage, CommitHold("lapsed"), at=LATER)

    def test_a_refusal_reclaims_nothing(self, storage: Storage) -> None:
        stocked(storage, tea=9, milk=1)
        done(storage, hold("h-1", ("tea", 4)))
        refused(storage, Take("tea", 9), Take("milk", 2), at=LATER)
        done(storage, CommitHold("h-1"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (9, 4, 0)

    def test_a_hold_of_several_keys_is_reclaimed_as_a_whole(self, storage: Storage) -> None:
        stocked(storage, tea=5, milk=5)
        done(storage, hold("h-1", ("tea", 5), ("milk", 5)))
        done(storage, Take("tea", 1), at=LATER)
        assert counts(storage, "milk", at=NOON) == (5, 0, 0)
        assert refused(storage, CommitHold("h-1"), at=NOON).code == "hold_lapsed"
        done(storage, Take("milk", 5), Take("tea", 4), at=NOON)

    def test_the_items_of_a_reserve_make_room_in_their_order(self, storage: Storage) -> None:
        stocked(storage, tea=2, milk=2)
        done(storage, hold("both", ("tea", 1), ("milk", 1), until=SOON + TICK), hold("milk-only", ("milk", 1)), Take("tea", 1))
        done(storage, hold("new", ("tea", 1), ("milk", 1), until=LATER + TICK), at=LATER)
        assert refused(storage, CommitHold("both"), at=LATER).code == "hold_lapsed"
        done(storage, CommitHold("milk-only"), at=LATER)
        done(storage, CommitHold("new"), at=LATER)
        assert [counts(storage, key, at=LATER) for key in ("tea", "milk")] == [(2, 2, 0), (2, 2, 0)]

    def test_a_reserve_may_take_the_place_of_many_lapsed_holds(self, storage: Storage) -> None:
        stocked(storage, tea=40)
        for number in range(40):
            done(storage, hold(f"h-{number:02d}", ("tea", 1)))
        done(storage, hold("all", ("tea", 40), until=LATER + TICK), at=LATER)
        assert counts(storage, "tea", at=LATER) == (40, 0, 40)
        done(storage, CommitHold("all"), at=LATER)
        assert counts(storage, "tea", at=LATER) == (40, 40, 0)
