"""The server that tests, demos and benchmarks start: it keeps its folder when told, and goes without a trace when not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shopwright.errors import NotSupportedHere, StorageUnavailable
from shopwright.testing.postgres import LocalPostgres


def test_a_server_of_ones_own_is_gone_without_a_trace() -> None:
    with LocalPostgres(fsync=False, settings={"work_mem": "3MB"}) as server:
        folder = server.folder
        with psycopg.connect(server.conninfo, autocommit=True) as connection:
            assert connection.execute("select current_setting('fsync'), current_setting('work_mem')").fetchone() == ("off", "3MB")
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert "database system is ready" in server.log
    assert not folder.exists()
    server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.conninfo)


def test_a_named_folder_keeps_what_was_written_through_a_crash_and_a_stop(open_folder: Path) -> None:
    folder = open_folder / "new" / "place"
    with LocalPostgres(folder, fsync=False) as server:
        with psycopg.connect(server.conninfo) as connection:
            connection.execute("create table kept as select 7 as number")
        server.crash()
        server.start()
        with psycopg.connect(server.conninfo) as connection:
            assert connection.execute("select number from kept").fetchone() == (7,)
    with LocalPostgres(folder, fsync=False) as server, psycopg.connect(server.conninfo) as connection:
        assert connection.execute("select number from kept").fetchone() == (7,)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can reach: who runs as root has the server run as somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_server_that_does_not_start_tells_what_it_said(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(open_folder))
    with pytest.raises(StorageUnavailable, match=r"did not start .*invalid value for parameter"):
        LocalPostgres(settings={"shared_buffers": "lots"})
    assert list(open_folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root has the server run as somebody else")
def test_root_is_told_when_the_server_could_not_reach_its_folder(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    with pytest.raises(NotSupportedHere, match="needs a folder that `nobody` can reach"):
        LocalPostgres(open_folder / "inside")
