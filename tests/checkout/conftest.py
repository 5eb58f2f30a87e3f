"""Storages on a disk that checkouts share: to open one takes longer than a whole checkout, so each test gets a scope of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout.kept import Kept, kept_in_sqlite, kept_on_postgres
from tests.conftest import empty_database


@pytest.fixture(scope="session")
def sqlite_mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One file."""
    folder: Path = tmp_path_factory.mktemp("malls")
    with kept_in_sqlite(folder / "mall.sqlite") as kept:
        yield kept


@pytest.fixture(scope="session")
def postgres_mall(request: pytest.FixtureRequest) -> Iterator[Kept]:
    """One database."""
    with empty_database(request.getfixturevalue("postgres_server")) as conninfo, kept_on_postgres(conninfo) as kept:
        yield kept


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Each of them."""
    found: Kept = request.getfixturevalue(f"{request.param}_mall")
    return found
