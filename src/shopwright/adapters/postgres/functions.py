"""Generates the function that writes a changeset in one call, with a static branch for every registered kind.

Rules
- the one argument is a text of fields: its first character separates them, its second, alone in a field, stands for null (see
  `shopwright.adapters.postgres.calls`, which writes it); bodies are JSON and go from the argument into the row untouched;
- it writes straight ahead in the lock order of the port and decides nothing twice: whatever is not as hoped raises, which undoes
  everything, and the caller decides with care (`shopwright.adapters.postgres.careful`);
- its name has a hash of its text, so that releases with other kinds install theirs beside it and all run together;
- it names every table with its schema and reads no setting, so it means the same in every session;
- a batch is written by its sister, which takes many operations and sums of quota moves, and raises for whatever is not as hoped;
- its plans use the keys, always: a plan made while a table was small would otherwise read all of it long after it has grown.

Why fields and not one JSON object: taking a changeset of 4 KB apart as `jsonb` cost more than writing it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from attrs import frozen

from shopwright.adapters.postgres import function_text as text
from shopwright.adapters.postgres.faults import MEANT, NOT_STRAIGHT, REFUSED, STALE_DOCUMENT, STALE_RECORD
from shopwright.adapters.postgres.schema import COLUMN_TYPES, quoted
from shopwright.adapters.tables import Table
from shopwright.ports.kinds import IndexType

COMMIT = "commit_"
"""How the name of a commit function begins; its mark follows, which its sisters share."""


@frozen
class Functions:
    """What to install: the function that commits, and its sisters: one that does it in a part of a host's transaction, undone when it raises,
    one for a batch, and one that moves quotas alone.
    """

    name: str
    within: str
    batch: str
    moves: str
    definitions: tuple[str, ...]


def sisters_of(name: str) -> tuple[str, str]:
    """The functions for batches and for moves beside a commit function."""
    mark = name.removeprefix(COMMIT)
    return f"commit_batch_{mark}", f"move_{mark}"


def commit_functions(schema: str, tables: tuple[Table, ...], *, ahead: int) -> Functions:
    """The functions that commit changesets of these tables. `ahead` is added to transaction numbers (see `schema`, table shopwright_clock)."""
    words = {"s": schema, "not_straight": NOT_STRAIGHT, "refused": REFUSED, "stale_record": STALE_RECORD}
    words["tx"] = text.TX.format(top="pg_current_xact_id()::text::bigint", low="_low", ahead=ahead)
    words["move_field"] = _indented(text.MOVE.format(**words, key="_f[_i]", rank="_f[_i + 1]::bigint", order="_f[_i + 2]::integer"))
    words["move_step"] = _indented(text.MOVE.format(**words, key="_step.key", rank="_step.rank", order="_step.turn"))
    documents = _documents(schema, tables)
    one, many, moves = _commit_body(words, documents), _batch_body(words, documents), _moves_body(words)
    mark = sha256((one + many + moves).encode()).hexdigest()[:12]
    name, within = f"{COMMIT}{mark}", f"commit_within_{mark}"
    caught = " or ".join(f"sqlstate '{state}'" for state in sorted(MEANT))
    names, bodies = (name, within, *sisters_of(name)), (one, text.WITHIN.format(s=schema, name=name, caught=caught), many, moves)
    return Functions(*names, tuple(_defined(schema, each, body) for each, body in zip(names, bodies, strict=True)))


def _commit_body(words: Mapping[str, object], documents: str) -> str:
    told = {**words, "first": 9, "at": 5, "durability": 6, "record_at": "_at", "record_fields": 8}
    told["only_ends"] = text.ONE_END.format(**words)
    return text.DECLARED.format(**told) + text.OPERATION.format(**told) + documents + _moves(told)


def _batch_body(words: Mapping[str, object], documents: str) -> str:
    told = {**words, "first": 6, "at": 2, "durability": 3, "record_at": "_f[_i + 8]::timestamptz", "record_fields": 9}
    told["only_ends"] = text.MANY_ENDS.format(**words)
    return text.DECLARED.format(**told) + text.OPERATIONS.format(**told) + documents + _moves(told)


def _moves_body(words: Mapping[str, object]) -> str:
    told = {**words, "first": 6, "at": 2, "durability": 3, "only_ends": text.ONE_END.format(**words)}
    return text.DECLARED.format(**told) + text.HOLDS.format(**told) + text.QUOTAS.format(**told)


def _moves(words: Mapping[str, object]) -> str:
    return text.RECORDS.format(**words) + text.HOLDS.format(**words) + text.QUOTAS.format(**words)


def _defined(schema: str, name: str, body: str) -> str:
    head = f"create or replace function {schema}.{name}(_call text) returns text language plpgsql set enable_seqscan = off"
    return f"{head} as $shopwright${body}\n$shopwright$"


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _documents(schema: str, tables: tuple[Table, ...]) -> str:
    branches = "".join(_branch(schema, table) for table in tables)
    return f"""
    while _n > 0 loop
        case _f[_i]{branches}
        else
            raise exception 'no branch for kind %', _f[_i];
        end case;
        _n := _n - 1;
    end loop;
"""


def _branch(schema: str, table: Table) -> str:
    name, kind = f"{schema}.{quoted(table.name)}", literal(table.kind.name)
    columns = [quoted(column.name) for column in table.columns]
    values = [_value(column.type, 5 + place) for place, column in enumerate(table.columns)]
    written = {
        "shape": "_f[_i + 3]::integer",
        "_layout": str(layout_of(table)),
        "body": "_f[_i + 4]::json",
        **dict(zip(columns, values, strict=True)),
    }
    stale = f"raise exception using errcode = '{STALE_DOCUMENT}', message = 'stale document', detail = json_build_array({kind}, _f[_i + 1])::text"
    return f"""
        when {kind} then
            if _f[_i + 2] = '0' then
                insert into {name} (scope, id, version, {", ".join(written)})
                    values (_scope, _f[_i + 1], 1, {", ".join(written.values())}) on conflict (scope, id) do nothing;
                if not found then
                    {stale};
                end if;{_drop(name) if table.kind.erasable else ""}
            else
                update {name} d set version = d.version + 1, {", ".join(f"{column} = {value}" for column, value in written.items())}
                    where d.scope = _scope and d.id = _f[_i + 1] and d.version = _f[_i + 2]::bigint;
                if not found then
                    {stale};
                end if;
            end if;
            _i := _i + {5 + len(columns)};"""


def _drop(name: str) -> str:
    return f"""
            elsif _f[_i + 2] is null then
                delete from {name} d where d.scope = _scope and d.id = _f[_i + 1];"""


def _value(type_: IndexType, offset: int) -> str:
    return f"_f[_i + {offset}]" if type_ is IndexType.TEXT else f"_f[_i + {offset}]::{COLUMN_TYPES[type_]}"


def literal(text: str) -> str:
    """A name as an SQL literal; names of kinds hold no quote and no backslash, which `shopwright.adapters.tables` sees to."""
    return f"'{text}'"


def layout_of(table: Table) -> int:
    """A number that differs when the indexes of a kind do: what a row remembers of who wrote it."""
    declared = sorted(f"{column.index.name} {column.type} {column.unique}" for column in table.columns)
    return int.from_bytes(sha256("\n".join(declared).encode()).digest()[:4]) >> 1
