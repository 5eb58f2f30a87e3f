"""Queries: declared indexes only, every way to compare, and pages by keyset."""

from __future__ import annotations

from datetime import timedelta
from operator import eq, ge, gt, le, lt
from typing import Any

import pytest

from shopwright.errors import InvalidValue, UnknownIndex
from shopwright.ports.storage import Match, Page, Query, Storage, Stored, Where
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note, Secret
from shopwright.testing.storage_contract.steps import done, every_page, put

TITLES = ("", "B", "Z", "a", "ab", "é", "e\u0301", "茶", "شاي", "🫖", "\ufffd", "%", "_")


def ids(page: Page[Stored[Note]] | list[Stored[Note]]) -> list[str]:
    """The ids of what was found, in its order."""
    return [stored.value.id for stored in (page.items if isinstance(page, Page) else page)]


def starred(storage: Storage, **stars: int | None) -> None:
    """One note for each name, with these stars."""
    done(storage, *(put(Note(id, stars=count)) for id, count in stars.items()))


class QueryPromises:
    """Documents are found by the indexes that their kind declares, and by nothing else."""

    def test_without_conditions_all_documents_come_in_the_order_of_their_ids(self, storage: Storage) -> None:
        done(storage, *(put(Note(id)) for id in ("b", "a", "Ä", "C", "猫", "🫖", "\ufffd")))
        assert ids(storage.find(Query(Note))) == ["C", "a", "b", "Ä", "猫", "\ufffd", "🫖"]
        assert ids(storage.find(Query(Note, descending=True))) == ["🫖", "\ufffd", "猫", "Ä", "b", "a", "C"]

    def test_nothing_found_is_an_empty_last_page(self, storage: Storage) -> None:
        assert storage.find(Query(Note)) == Page((), "")

    def test_what_is_found_has_its_version(self, storage: Storage) -> None:
        done(storage, put(Note("n-1", "first")))
        done(storage, put(Note("n-1", "second"), expected=1))
        assert storage.find(Query(Note)) == Page((Stored(Note("n-1", "second"), 2),))

    @pytest.mark.parametrize(
        ("match", "value", "found"),
        [
            (Match.EQUAL, 3, ["c"]),
            (Match.EQUAL, 9, []),
            (Match.IN, (1, 5, 9), ["a", "e"]),
            (Match.IN, (), []),
            (Match.AT_LEAST, 3, ["c", "d", "e"]),
            (Match.ABOVE, 3, ["d", "e"]),
            (Match.AT_MOST, 3, ["a", "b", "c"]),
            (Match.BELOW, 3, ["a", "b"]),
        ],
    )
    def test_integers_compare_in_every_way(self, storage: Storage, match: Match, value: Any, found: list[str]) -> None:
        starred(storage, a=1, b=2, c=3, d=4, e=5, none=None)
        assert ids(storage.find(Query(Note, (Where("stars", match, value),)))) == found

    @pytest.mark.parametrize("match", [match for match in Match if match is not Match.IN])
    def test_texts_compare_by_code_point_whatever_their_script(self, storage: Storage, match: Match) -> None:
        done(storage, *(put(Note(f"n-{number:02d}", title)) for number, title in enumerate(TITLES)))
        compares = {Match.EQUAL: eq, Match.AT_LEAST: ge, Match.ABOVE: gt, Match.AT_MOST: le, Match.BELOW: lt}[match]
        for wanted in TITLES:
            found = storage.find(Query(Note, (Where("title", match, wanted),), order_by="title"))
            assert [stored.value.title for stored in found.items] == sorted(title for title in TITLES if compares(title, wanted))

    def test_any_of_many_texts_is_found(self, storage: Storage) -> None:
        done(storage, *(put(Note(f"n-{number:02d}", title)) for number, title in enumerate(TITLES)))
        found = storage.find(Query(Note, (Where("title", Match.IN, (*TITLES[:6], *(f"none {number}" for number in range(494)))),), order_by="title"))
        assert [stored.value.title for stored in found.items] == sorted(TITLES[:6])

    def test_times_compare_as_instants_to_the_microsecond(self, storage: Storage) -> None:
        tick = timedelta(microseconds=1)
        times = {"before": NOON - tick, "noon": NOON, "after": NOON + tick, "century": NOON.replace(year=1926), "far": NOON.replace(year=9999)}
        done(storage, *(put(Note(id, written_at=at)) for id, at in times.items()), put(Note("never")))
        assert ids(storage.find(Query(Note, (Where("written_at", Match.ABOVE, NOON),), order_by="written_at"))) == ["after", "far"]
        assert ids(storage.find(Query(Note, (Where("written_at", Match.AT_MOST, NOON),), order_by="written_at"))) == ["century", "before", "noon"]
        assert ids(storage.find(Query(Note, (Where("written_at", Match.IN, (NOON, NOON + tick)),)))) == ["after", "noon"]

    def test_the_whole_range_of_integers_is_found(self, storage: Storage) -> None:
        starred(storage, least=-(2**63), below=-1, zero=0, most=2**63 - 1)
        assert ids(storage.find(Query(Note, order_by="stars"))) == ["least", "below", "zero", "most"]
        assert ids(storage.find(Query(Note, (Where("stars", Match.EQUAL, 2**63 - 1),)))) == ["most"]

    def test_every_condition_must_hold(self, storage: Storage) -> None:
        starred(storage, a=1, b=2, c=3, d=4)
        between = (Where("stars", Match.ABOVE, 1), Where("stars", Match.BELOW, 4), Where("title", Match.EQUAL, ""))
        assert ids(storage.find(Query(Note, between))) == ["b", "c"]
        assert ids(storage.find(Query(Note, (*between, Where("title", Match.EQUAL, "x"))))) == []

    def test_a_document_without_a_value_is_not_in_that_index(self, storage: Storage) -> None:
        starred(storage, a=2, b=None, c=1)
        assert ids(storage.find(Query(Note, order_by="stars"))) == ["c", "a"]
        assert ids(storage.find(Query(Note, order_by="stars", descending=True))) == ["a", "c"]
        assert ids(storage.find(Query(Note))) == ["a", "b", "c"]

    def test_equal_values_are_ordered_by_id_and_the_other_way_round_when_descending(self, storage: Storage) -> None:
        starred(storage, a=1, b=1, c=0)
        assert ids(storage.find(Query(Note, order_by="stars"))) == ["c", "a", "b"]
        assert ids(storage.find(Query(Note, order_by="stars", descending=True))) == ["b", "a", "c"]

    def test_find_reads_its_own_commits(self, storage: Storage) -> None:
        for version in range(5):
            done(storage, put(Note("n-1", f"title {version}", version), expected=version))
            assert storage.find(Query(Note, (Where("stars", Match.EQUAL, version),))) == Page(
                (Stored(Note("n-1", f"title {version}", version), version + 1),)
            )
            assert ids(storage.find(Query(Note, (Where("stars", Match.EQUAL, version - 1),)))) == []

    def test_an_unknown_index_is_refused(self, storage: Storage) -> None:
        queries: tuple[Query[Any], ...] = (
            Query(Note, (Where("tags", Match.EQUAL, "x"),)),
            Query(Note, order_by="tags"),
            Query(Secret, order_by="title"),
        )
        for query in queries:
            with pytest.raises(UnknownIndex):
                storage.find(query)

    @pytest.mark.parametrize(
        "where",
        [
            Where("stars", Match.EQUAL, "3"),
            Where("stars", Match.EQUAL, True),
            Where("stars", Match.EQUAL, 2**63),
            Where("stars", Match.IN, 3),
            Where("stars", Match.IN, tuple(range(501))),
            Where("title", Match.EQUAL, 3),
            Where("title", Match.EQUAL, "\0"),
            Where("title", Match.IN, ("fine", "\ud800")),
            Where("written_at", Match.EQUAL, "2026-03-01"),
            Where("written_at", Match.ABOVE, NOON.replace(tzinfo=None)),
        ],
    )
    def test_a_condition_that_its_index_cannot_meet_is_refused(self, storage: Storage, where: Where) -> None:
        with pytest.raises(InvalidValue):
            storage.find(Query(Note, (where,)))


class PagePromises:
    """Pages by keyset: each is one snapshot, and rows that come and go never shift the others."""

    @pytest.mark.parametrize("order_by", [None, "title", "stars", "written_at"])
    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_together_are_the_whole(self, storage: Storage, order_by: str | None, descending: bool) -> None:
        notes = [
            Note(f"n-{number}", title="茶" * (number % 3), stars=number // 2, written_at=NOON + timedelta(days=number % 4)) for number in range(7)
        ]
        done(storage, *(put(note) for note in notes))
        whole = storage.find(Query(Note, order_by=order_by, descending=descending))
        assert len(whole.items) == 7
        for limit in (1, 2, 3, 7, 8):
            assert every_page(storage, Query(Note, order_by=order_by, descending=descending, limit=limit)) == list(whole.items)

    def test_a_page_that_ends_with_the_last_document_is_the_last(self, storage: Storage) -> None:
        starred(storage, a=1, b=2)
        assert storage.find(Query(Note, limit=2)).next == ""
        assert storage.find(Query(Note, limit=1)).next != ""

    def test_rows_that_arrive_before_the_place_where_a_reader_stands_do_not_shift_its_pages(self, storage: Storage) -> None:
        starred(storage, b=2, d=4, f=6)
        first = storage.find(Query(Note, order_by="stars", limit=2))
        starred(storage, a=1, c=3, e=5)
        second = storage.find(Query(Note, order_by="stars", limit=2, after=first.next))
        assert (ids(first), ids(second)) == (["b", "d"], ["e", "f"])

    def test_the_document_that_ended_a_page_may_move_away(self, storage: Storage) -> None:
        starred(storage, a=1, b=2, c=3)
        first = storage.find(Query(Note, order_by="stars", limit=2))
        done(storage, put(Note("b", stars=9), expected=1))
        assert ids(storage.find(Query(Note, order_by="stars", limit=5, after=first.next))) == ["c", "b"]

    def test_a_cursor_of_another_query_is_refused(self, storage: Storage) -> None:
        starred(storage, a=1, b=2)
        after = storage.find(Query(Note, order_by="stars", limit=1)).next
        others: tuple[Query[Any], ...] = (
            Query(Note, after=after),
            Query(Note, order_by="title", after=after),
            Query(Note, order_by="stars", descending=True, after=after),
            Query(Secret, after=after),
        )
        for query in others:
            with pytest.raises(InvalidValue, match="cursor"):
                storage.find(query)

    @pytest.mark.parametrize("after", ["x", "not a cursor", "AAAA", "é", "=", "\0"])
    def test_a_damaged_cursor_is_refused(self, storage: Storage, after: str) -> None:
        with pytest.raises(InvalidValue, match="cursor"):
            storage.find(Query(Note, after=after))

    def test_a_cursor_with_one_letter_changed_is_refused(self, storage: Storage) -> None:
        starred(storage, a=1, b=2)
        after = storage.find(Query(Note, limit=1)).next
        for at, letter in enumerate(after):
            damaged = after[:at] + ("B" if letter == "A" else "A") + after[at + 1 :]
            with pytest.raises(InvalidValue, match="cursor"):
                storage.find(Query(Note, after=damaged))

    @pytest.mark.parametrize("limit", [0, -1, 1_001, True])
    def test_a_page_has_1_to_1000_documents(self, storage: Storage, limit: int) -> None:
        with pytest.raises(InvalidValue, match="limit"):
            storage.find(Query(Note, limit=limit))
