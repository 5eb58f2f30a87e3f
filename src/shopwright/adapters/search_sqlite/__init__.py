"""A search index in one SQLite file, on FTS5 of the standard library's SQLite: the embedded default."""

from shopwright.adapters.search_sqlite.index import SqliteSearch

__all__ = ["SqliteSearch"]
