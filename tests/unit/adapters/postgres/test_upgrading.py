"""Upgrades: forward only, side by side with processes of the release before, and an index serves only when it is whole."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters import databases
from shopwright.adapters.postgres import upgrading
from shopwright.errors import InvalidValue, SchemaMismatch, UndecodableDocument, UnknownIndex
from shopwright.ports.kinds import Index, IndexType, Kind, Kinds
from shopwright.ports.quotas import Take
from shopwright.ports.storage import Match, Query, Stored, Where
from shopwright.testing.clock import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import NOTE, NOTED, SAMPLE_KINDS, SECRET, Note
from shopwright.testing.storage_contract.steps import a_change, done, every_record, noted, put, refused, stocked, texts
from tests.unit.adapters.postgres.conftest import Opener

TAGS = Index("tags", IndexType.INTEGER, lambda note: len(note.tags) or None)
ONCE = Index("title_once", IndexType.TEXT, lambda note: note.title, unique=True)


def notes_with(*indexes: Index[Any], without: str = "", shape: int = 1) -> Kinds:
    """The kinds of another release."""
    kept = tuple(index for index in NOTE.indexes if index.name != without)
    lifts = tuple(lambda body: body for _ in range(shape - 1))
    return Kinds(documents=(evolve(NOTE, indexes=(*kept, *indexes), shape=shape, lifts=lifts), SECRET), records=(NOTED,))


def by_tags(count: int) -> Query[Note]:
    return Query(Note, (Where("tags", Match.EQUAL, count),))


def test_a_database_that_was_never_upgraded_says_what_to_do(open_shop: Opener) -> None:
    with pytest.raises(SchemaMismatch, match=r"has no shop in its schema .*; run `shopwright db upgrade postgresql:"):
        open_shop(upgrade=False)


def test_an_upgrade_may_be_run_twice_and_by_many_at_once(open_shop: Opener) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            open_shop()
        except Exception as failure:
            failures.append(failure)

    threads = [Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    storage = open_shop()
    done(storage, put(Note("n-1")))
    assert open_shop(upgrade=False).load(Note, "n-1") == Stored(Note("n-1"), 1)


def test_old_and_new_processes_run_together(open_shop: Opener) -> None:
    old = open_shop()
    done(old, put(Note("n-1", "old", tags=("a",))))
    new = open_shop(kinds=notes_with(TAGS))
    done(old, put(Note("n-2", "old", tags=("a",))), noted(1))
    done(new, put(Note("n-3", "new", tags=("a",))), noted(2))
    done(old, put(Note("n-3", "again", tags=("a", "b")), expected=1))
    assert old.load(Note, "n-3") == new.load(Note, "n-3") == Stored(Note("n-3", "again", tags=("a", "b")), 2)
    assert texts(every_record(old)) == texts(every_record(new)) == ["n-1 1", "n-1 2"]
    assert open_shop(upgrade=False).load(Note, "n-1") == Stored(Note("n-1", "old", tags=("a",)), 1)


def test_a_new_index_finds_what_older_processes_wrote_before_and_after_the_upgrade(open_shop: Opener) -> None:
    old = open_shop()
    done(old, *(put(Note(f"n-{number}", tags=("a",) * (number % 3))) for number in range(9)))
    new = open_shop(kinds=notes_with(TAGS))
    assert [stored.value.id for stored in new.find(by_tags(2)).items] == ["n-2", "n-5", "n-8"]
    done(old, put(Note("n-9", tags=("a", "b"))))
    done(old, put(Note("n-2", tags=()), expected=1))
    assert [stored.value.id for stored in new.find(by_tags(2)).items] == ["n-5", "n-8", "n-9"]
    assert new.load(Note, "n-9") == Stored(Note("n-9", tags=("a", "b")), 1)


def test_an_index_that_is_not_filled_yet_is_refused_and_written_by_every_commit(
    open_shop: Opener, monkeypatch: pytest.MonkeyPatch, schema: str, admin: Any
) -> None:
    old = open_shop()
    done(old, *(put(Note(f"n-{number}", tags=("a",))) for number in range(3)))
    new = open_shop(kinds=notes_with(TAGS))
    admin.execute(f"update {schema}.shopwright_index set ready = false where name = 'tags'")
    other = open_shop(kinds=notes_with(TAGS), upgrade=False)
    with pytest.raises(UnknownIndex, match=r"the backfill of index tags of note is not done; run `shopwright db upgrade .*` to its end"):
        other.find(by_tags(1))
    done(other, put(Note("n-3", tags=("a",))))
    told: list[tuple[str, int, int]] = []
    open_shop(kinds=notes_with(TAGS), progress=lambda *about: told.append(about))
    assert len(other.find(by_tags(1)).items) == 4
    assert len(new.find(by_tags(1)).items) == 4


def test_a_backfill_tells_how_far_it_is(open_shop: Opener) -> None:
    done(open_shop(), *(put(Note(f"n-{number:04}")) for number in range(700)))
    told: list[tuple[str, int, int]] = []
    open_shop(kinds=notes_with(TAGS), progress=lambda *about: told.append(about))
    assert told == [("indexing note by tags", done_, 700) for done_ in (500, 700, 700)]


def test_a_unique_index_that_documents_break_is_refused_naming_what_to_do(open_shop: Opener) -> None:
    storage = open_shop()
    done(storage, put(Note("n-1", "tea")), put(Note("n-2", "tea")))
    with pytest.raises(SchemaMismatch, match=r"two documents share a value .*tea.*change one of them"):
        open_shop(kinds=notes_with(ONCE))
    done(storage, put(Note("n-2", "milk"), expected=1))
    new = open_shop(kinds=notes_with(ONCE))
    assert dict(refused(new, put(Note("n-3", "milk"))).facts) == {"kind": "note", "index": "title_once", "value": "milk"}


def test_an_index_that_a_new_shape_no_longer_declares_goes(open_shop: Opener, schema: str, admin: Any) -> None:
    done(open_shop(), put(Note("n-1", slug="tea")))
    new = open_shop(kinds=notes_with(without="slug", shape=2))
    assert new.load(Note, "n-1") == Stored(Note("n-1", slug="tea"), 1)
    columns = admin.execute(
        "select column_name from information_schema.columns where table_schema = %s and table_name = 'note'", (schema,)
    ).fetchall()
    assert "slug" not in {name for (name,) in columns}


def test_a_process_whose_index_was_taken_away_is_told_to_upgrade(open_shop: Opener) -> None:
    old = open_shop()
    open_shop(kinds=notes_with(without="slug", shape=2))
    with pytest.raises(SchemaMismatch, match="lacks a table, a column or a function"):
        old.commit(a_change(put(Note("n-1", slug="tea"))))


def test_a_database_that_is_newer_is_refused_as_it_stands(open_shop: Opener, schema: str, admin: Any) -> None:
    open_shop()
    admin.execute(f"insert into {schema}.shopwright_migration (number, name) values (999, 'of the future')")
    for upgrade in (True, False):
        with pytest.raises(SchemaMismatch, match="is newer than this release: its migration is 999"):
            open_shop(upgrade=upgrade, functions=False)
    with pytest.raises(SchemaMismatch, match="is newer than this release"):
        open_shop(kinds=notes_with(TAGS), upgrade=False)


def test_kinds_that_nobody_upgraded_for_are_told(open_shop: Opener) -> None:
    open_shop()
    with pytest.raises(SchemaMismatch, match="kind note lacks the index tags; run `shopwright db upgrade"):
        open_shop(kinds=notes_with(TAGS), upgrade=False)


def test_a_database_without_the_functions_of_this_release_says_what_to_do(open_shop: Opener) -> None:
    storage = open_shop(functions=False)
    done(storage, put(Note("n-1")))
    with pytest.raises(SchemaMismatch, match=r"lacks the function commit_.* or open the storage with functions=False"):
        open_shop(upgrade=False)
    assert open_shop(upgrade=True).load(Note, "n-1") == Stored(Note("n-1"), 1)


def test_the_functions_of_the_newest_few_releases_stay(open_shop: Opener, schema: str, admin: Any) -> None:
    for number in range(7):
        open_shop(kinds=SAMPLE_KINDS.plus(Kind(f"extra{number}", type(f"Extra{number}", (), {}))))
    rows = admin.execute("select count(*) from pg_proc where pronamespace = %s::regnamespace", (schema,)).fetchone()
    assert rows == (4 * upgrading.FUNCTIONS_KEPT,)


def test_a_store_restored_into_another_server_goes_on_above_its_old_positions(open_shop: Opener, schema: str, admin: Any) -> None:
    """The other server's transactions have lower numbers: as they are, its records would be hidden and new ones come before them."""
    storage = open_shop()
    done(storage, noted(1), noted(2))
    admin.execute(f"update {schema}.record set tx = tx + 1000000000")
    with pytest.raises(SchemaMismatch, match=r"restored from a dump of another server.*run `shopwright db upgrade"):
        open_shop(upgrade=False)
    restored = open_shop()
    last = every_record(restored)[-1].position
    done(restored, noted(3))
    assert [record.number for record in restored.read("notes", after=last)] == [3]
    assert open_shop(upgrade=False).load(Note, "n-1") is None


def test_a_body_that_nobody_can_read_stops_the_backfill_and_names_the_document(open_shop: Opener, schema: str, admin: Any) -> None:
    done(open_shop(), put(Note("n-1")))
    admin.execute(f"""update {schema}.note set body = '{{"unheard": 1}}'""")
    with pytest.raises(UndecodableDocument, match="note 'n-1' cannot be indexed"):
        open_shop(kinds=notes_with(TAGS))


@pytest.mark.parametrize("name", ["", "Shop", "pg_shop", "shop-1", 'shop"; drop', "s" * 41])
def test_a_schema_name_that_would_need_quoting_is_refused(open_shop: Opener, name: str) -> None:
    with pytest.raises(InvalidValue, match="expected a schema name"):
        open_shop(schema=name)


def test_another_encoding_is_refused(open_shop: Opener, admin: Any, postgres_server: LocalPostgres) -> None:
    admin.execute("create database unit_latin encoding 'LATIN1' template template0 locale 'C'")
    try:
        with pytest.raises(SchemaMismatch, match="has the encoding LATIN1; make one with encoding UTF8"):
            open_shop(conninfo=postgres_server.conninfo.replace("dbname=postgres", "dbname=unit_latin"))
    finally:
        admin.execute("drop database unit_latin with (force)")


def test_the_database_command_upgrades_tells_and_prunes_by_url(postgres_database: str) -> None:
    parts = dict(part.split("=", 1) for part in postgres_database.split())
    url = f"postgresql://postgres@/{parts['dbname']}?host={parts['host']}"
    assert not databases.status(url, kinds=SAMPLE_KINDS).is_current
    assert databases.upgrade(url, kinds=SAMPLE_KINDS).is_current
    storage = databases.open_storage(url, kinds=SAMPLE_KINDS)
    stocked(storage, tea=5)
    done(storage, Take("tea", 1))
    assert databases.prune(url, NOON.replace(year=NOON.year + 1), kinds=SAMPLE_KINDS) == 2
    storage.close()


def test_tables_are_readable_and_views_are_there(open_shop: Opener, schema: str, admin: Any) -> None:
    storage = open_shop()
    stocked(storage, tea=5)
    done(storage, put(Note("n-1", "一", 3, NOON, tags=("a",))), Take("tea", 2))
    row = admin.execute(f"select id, version, title, stars, written_at, body ->> 'title' from {schema}.note").fetchone()
    assert row == ("n-1", 1, "一", 3, NOON, "一")
    assert admin.execute(f"select key, granted, used, held, free from {schema}.quota_standing").fetchall() == [("tea", 5, 2, 0, 3)]
