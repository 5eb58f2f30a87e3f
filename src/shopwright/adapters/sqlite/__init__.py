"""A shop's facts in one SQLite file, by the standard library's driver: the embedded default."""

from shopwright.adapters.sqlite.storage import JoinedSqliteStorage, SqliteStorage

__all__ = ["JoinedSqliteStorage", "SqliteStorage"]
