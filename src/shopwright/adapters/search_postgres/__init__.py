"""Search on PostgreSQL's full text search, beside the shop or in a database of its own; the extra `postgres` installs the driver."""

from shopwright.adapters.search_postgres.index import PostgresSearch

__all__ = ["PostgresSearch"]
