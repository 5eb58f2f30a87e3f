"""The steps of an order's life on PostgreSQL by hand: a read, and one call of a function that writes everything."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from tests.benchmarks import work
from tests.benchmarks.by_hand import documents as d
from tests.benchmarks.by_hand import life, postgres
from tests.benchmarks.by_hand.postgres import SCOPE
from tests.benchmarks.sides import Bench

FUNCTION = """
create function save_step(scope_ text, key_ text, fingerprint_ text, at_ timestamptz, id_ text, version_ bigint, order_ json, state_ text,
    standing_ text, due_at_ timestamptz, unresolved_ timestamptz, numbers_ bigint[], types_ text[], events_ text[], use_hold_ boolean)
    returns void language plpgsql as $$
declare held_ hold; i integer;
begin
    insert into operation values (scope_, key_, fingerprint_, id_, at_);
    update orders set version = version + 1, body = order_, state = state_, standing = standing_, due_at = due_at_, recover_at = unresolved_
        where scope = scope_ and id = id_ and version = version_;
    if not found then
        raise exception 'stale version of %', id_;
    end if;
    insert into record (scope, stream, key, number, at, type, body)
        select scope_, 'events', id_, number, at_, type, body::json from unnest(numbers_, types_, events_) as event (number, type, body);
    if use_hold_ then
        delete from hold where scope = scope_ and id = id_ returning * into strict held_;
        delete from hold_item where scope = scope_ and key = any(held_.keys) and until = held_.until and hold = id_;
        for i in 1..array_length(held_.keys, 1) loop
            update quota set used = used + held_.quantities[i], held = held - held_.quantities[i] where scope = scope_ and key = held_.keys[i];
        end loop;
    end if;
end $$;
"""

LOAD = "select version, body::text from orders where scope = %s and id = %s"
SAVE = """select save_step(%s, %s, %s, %s::timestamptz, %s, %s, %s::json, %s, %s, %s::timestamptz, %s::timestamptz, %s::bigint[], %s::text[],
    %s::text[], %s)"""


def open_bench(conninfo: str) -> Bench:
    """A database of its own."""
    connection = postgres.filled(conninfo)
    connection.execute(FUNCTION, prepare=False)
    return life.bench(PostgresStore(connection))


@frozen
class PostgresStore:
    """One connection."""

    connection: Any

    def place(self, turn: int) -> str:
        """A new order, held and unpaid; its id."""
        cart = work.wanted(turn)
        postgres.place(self.connection, cart)
        return str(self.connection.execute("select answer from operation where scope = %s and key = %s", (SCOPE, cart.key)).fetchone()[0])

    def load(self, order_id: str) -> tuple[int, dict[str, Any]]:
        """Version and document."""
        version, body = self.connection.execute(LOAD, (SCOPE, order_id)).fetchone()
        return version, json.loads(body)

    def save(self, key: str, version: int, order: dict[str, Any], events: life.Events, *, use_hold: bool) -> None:
        """One transaction."""
        numbers, types, bodies = [event["number"] for _, event in events], [name for name, _ in events], [d.dumps(event) for _, event in events]
        about = (SCOPE, key, d.digest(key), d.AT_TEXT, order["id"], version, d.dumps(order), *life.columns(order))
        self.connection.execute(SAVE, (*about, numbers, types, bodies, use_hold))

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()
