"""PostgreSQL as a storage, and the only home of psycopg. `storage.PostgresStorage` is the door; `testing.postgres` starts a server."""
