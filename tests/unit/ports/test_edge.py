"""What may cross into a store, and what it is told that may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shopwright.errors import InvalidValue, UnknownIndex, UnknownKind
from shopwright.ports import edge
from shopwright.ports.kinds import IndexType, Kind, Kinds, RecordType
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Changeset, Drop, Match, Operation, Put, Query, Record, Where
from shopwright.testing.samples import SAMPLE_KINDS, Note, Noted, Secret

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST = 2**63 - 1


def refusal(act: Any, error: type[Exception] = InvalidValue) -> str:
    """What is said when this is refused."""
    with pytest.raises(error) as caught:
        act()
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "id must be text, got NoneType"),
        (b"x", "id must be text, got bytes"),
        ("", "id must have 1 to 200 characters, got 0"),
        ("x" * 201, "id must have 1 to 200 characters, got 201"),
        ("a\0", "id must not hold U+0000 or a lone surrogate"),
        ("\udc00", "id must not hold U+0000 or a lone surrogate"),
    ],
)
def test_text_that_no_store_keeps_is_refused(text: Any, said: str):
    assert refusal(lambda: edge.check_text("id", text)) == said


@pytest.mark.parametrize("text", ["李雷", "é", "e\u0301", "🙂" * 200, " "])
def test_any_script_is_kept_as_it_is(text: str):
    assert edge.check_ids("ids", [text, text]) == (text,)


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("TEA", "ids must be a collection of texts, got one text 'TEA'; write ('TEA',)"),
        (None, "ids must be a collection of texts, got NoneType"),
        (7, "ids must be a collection of texts, got int"),
        ([["a"]], "ids must be text, got list"),
    ],
)
def test_ids_are_a_collection_of_texts(ids: Any, said: str):
    assert refusal(lambda: edge.check_ids("ids", ids)) == said


def test_ids_are_each_taken_once_in_the_order_of_code_points():
    assert edge.check_ids("ids", (id for id in ("b", "a", "é", "b", "Z"))) == ("Z", "a", "b", "é")


@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_an_integer_is_an_integer(value: Any):
    assert refusal(lambda: edge.check_integer("count", value)) == f"count must be an integer, got {type(value).__name__}"


@pytest.mark.parametrize("limit", [0, 1_001, -1])
def test_a_page_has_1_to_1000_documents(limit: int):
    assert refusal(lambda: edge.check_limit(limit)) == f"limit must be 1 to 1000, got {limit}"


def test_times_are_instants_in_utc():
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    assert edge.as_utc("at", there) == NOON
    assert edge.as_utc("at", there).tzinfo is UTC
    assert refusal(lambda: edge.as_utc("at", "now")) == "at must be a datetime, got str"
    assert refusal(lambda: edge.as_utc("at", datetime(2026, 3, 1))).startswith("at must be an aware datetime, got datetime.datetime(2026")
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))
    assert refusal(lambda: edge.as_utc("at", early)).startswith("at must be within the years 1 to 9999 in UTC")


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (Grant("", 1), "quota key must have 1 to 200 characters, got 0"),
        (Grant("tea", 0), "a grant of 'tea' must not be zero"),
        (Grant("tea", MOST + 1), "granted quantity must be "),
        (Grant("tea", 1, rank="high"), "rank must be an integer, got str"),
        (Take("tea", 0), f"quantity of tea must be 1 to {MOST}, got 0"),
        (Give("tea", -1), f"quantity of tea must be 1 to {MOST}, got -1"),
        (Reserve("", (("tea", 1),), NOON), "hold must have 1 to 200 characters"),
        (Reserve("h", (("tea", 1),), NOON.replace(tzinfo=None)), "end of the hold must be an aware datetime"),
        (Reserve("h", (), NOON), "hold 'h' must name one quantity for each of at least one key"),
        (Reserve("h", (("tea", 1), ("tea", 2)), NOON), "add up those of a key"),
        (CommitHold("a\0"), "hold must not hold U+0000"),
        (ReleaseHold(7), "hold must be text, got int"),
        ("take one", "expected a quota move, got str"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_move_that_makes_no_sense_is_refused(move: Any, said: str):
    assert said in refusal(lambda: edge.check_move(move))


def a_change(**facts: Any) -> Changeset:
    return Changeset(**{"operation": Operation("k", "f"), "at": NOON, **facts})


@pytest.mark.parametrize(
    ("facts", "error", "said"),
    [
        ({"operation": Operation("", "f")}, InvalidValue, "operation key must have 1 to 200 characters"),
        ({"operation": Operation("k", "")}, InvalidValue, "operation fingerprint must have"),
        ({"operation": Operation("k", "f", "x" * 2_001)}, InvalidValue, "operation answer must have 0 to 2000 characters, got 2001"),
        ({"at": NOON.replace(tzinfo=None)}, InvalidValue, "changeset time must be an aware datetime"),
        ({"puts": (Put("", Note("a")),)}, InvalidValue, "document id must have 1 to 200 characters"),
        ({"puts": (Put("a", Note("a"), -1),)}, InvalidValue, "expected version must be 0 to"),
        ({"puts": (Put("a", Note("a")), Put("a", Note("a")))}, InvalidValue, "note 'a' stands twice in one changeset; put its last value once"),
        ({"puts": (Put("a", object()),)}, UnknownKind, "no document kind stores object"),
        ({"puts": (Put("a", Noted("a")),)}, UnknownKind, "no document kind stores Noted"),
        ({"drops": (Drop(Note, "a"),)}, InvalidValue, "documents of kind note stay"),
        ({"puts": (Put("a", Secret("a")),), "drops": (Drop(Secret, "a"),)}, InvalidValue, "stands twice"),
        ({"records": (Record("s", "a", 1, object()),)}, UnknownKind, "no record type stores object"),
        ({"records": (Record("", "a", 1, Noted("a")),)}, InvalidValue, "stream must have"),
        ({"records": (Record("s", "", 1, Noted("a")),)}, InvalidValue, "record key must have"),
        ({"records": (Record("s", "a", 0, Noted("a")),)}, InvalidValue, "record number must be 1 to"),
        ({"records": (Record("s", "a", 1, Noted("a")), Record("s", "a", 3, Noted("a")))}, InvalidValue, "expected 2, got 3"),
        ({"moves": (Take("tea", 0),)}, InvalidValue, "quantity of tea"),
    ],
)
def test_a_changeset_that_makes_no_sense_is_refused_as_a_whole(facts: dict[str, Any], error: type[Exception], said: str):
    assert said in refusal(lambda: edge.check_change(a_change(**facts), SAMPLE_KINDS), error)


@pytest.mark.parametrize(
    ("query", "error", "said"),
    [
        (Query(object), UnknownKind, "no document kind stores object"),
        (Query(Note, limit=0), InvalidValue, "limit must be 1 to 1000, got 0"),
        (Query(Note, order_by="color"), UnknownIndex, "kind note has no index 'color'; declared: "),
        (Query(Note, where=(Where("title", "=", "a"),)), InvalidValue, "must compare by a Match, got '='; allowed: =, in, >=, >, <=, <"),
        (Query(Note, where=(Where("title", Match.EQUAL, 7),)), InvalidValue, "condition on title of note must be text, got int"),
        (Query(Note, where=(Where("title", Match.IN, "ab"),)), InvalidValue, "must be a tuple of at most 500 values"),
        (Query(Note, where=(Where("title", Match.IN, ("a",) * 501),)), InvalidValue, "must be a tuple of at most 500 values"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: Any, error: type[Exception], said: str):
    assert said in refusal(lambda: edge.check_query(query, SAMPLE_KINDS), error)


def test_an_index_holds_values_of_its_type():
    assert edge.as_index_value("i", IndexType.INTEGER, 7) == 7
    assert edge.as_index_value("i", IndexType.TEXT, "") == ""
    assert edge.as_index_value("i", IndexType.TIME, NOON) == NOON
    assert refusal(lambda: edge.as_index_value("i", IndexType.INTEGER, "7")) == "i must be an integer, got str"
    assert refusal(lambda: edge.as_index_value("i", IndexType.TIME, 7)) == "i must be a datetime, got int"


def test_a_kind_has_one_lift_less_than_shapes():
    said = "note has shape 3 and 1 lifts; expected one lift from each older shape, that is 2"
    assert refusal(lambda: Kind("note", Note, shape=3, lifts=(dict,))) == said
    assert "expected one lift" in refusal(lambda: RecordType("noted", Noted, shape=2))


def test_kinds_have_names_and_types_of_their_own():
    assert refusal(lambda: SAMPLE_KINDS.plus(Kind("note", object))) == "kinds must have unique names and types; registered twice: note"
    assert "registered twice: note" in refusal(lambda: Kinds((Kind("note", Note), Kind("again", Note))))
    assert SAMPLE_KINDS.named("note").type is Note
    assert refusal(lambda: SAMPLE_KINDS.named("letter"), UnknownKind) == "the store holds 'letter', which nobody registered; is a plug-in missing?"
    assert "no record type stores Note" in refusal(lambda: SAMPLE_KINDS.record(Note), UnknownKind)
