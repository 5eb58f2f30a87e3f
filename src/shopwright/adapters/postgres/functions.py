"""Generates the function that writes a changeset in one call, with a static branch for every registered kind.

Rules
- the one argument is a text of fields: its first character separates them, its second, alone in a field, stands for null (see
  `shopwright.adapters.postgres.calls`, which writes it); bodies are JSON and go from the argument into the row untouched;
- it writes straight ahead in the lock order of the port and decides nothing twice: whatever is not as hoped raises, which undoes
  everything, and the caller decides with care (`shopwright.adapters.postgres.careful`);
- its name has a hash of its text, so that releases with other kinds install theirs beside it and all run together;
- it names every table with its schema and reads no setting, so it means the same in every session;
- its plans use the keys, always: a plan made while a table was small would otherwise read all of it long after it has grown.

Variables begin with an underscore, which no column of a kind can.

Why fields and not one JSON object: taking a changeset of 4 KB apart as `jsonb` cost more than writing it.
"""

from __future__ import annotations

from hashlib import sha256

from attrs import frozen

from shopwright.adapters.postgres.faults import MEANT, NOT_STRAIGHT, REFUSED, STALE_DOCUMENT, STALE_RECORD
from shopwright.adapters.postgres.schema import COLUMN_TYPES, quoted
from shopwright.adapters.tables import Table
from shopwright.ports.kinds import IndexType

_HEAD = """
declare
    _f text[] := string_to_array(substr(_call, 3), substr(_call, 1, 1), substr(_call, 2, 1));
    _scope text := _f[1];
    _at timestamptz := _f[5];
    _i integer := 9;
    _n integer := _f[8];
    _told text;
    _low bigint;
    _tx bigint;
    _keys text[];
    _quantities bigint[];
    _until timestamptz;
    _ended_keys text[];
    _ended_held bigint[];
    _ended_used bigint[];
    _ended_order integer[];
    _step record;
    _g bigint;
    _u bigint;
    _h bigint;
    _rank bigint;
    _failed integer;
    _short text;
    _wanted bigint;
    _there bigint;
begin
    if _f[6] is not null then
        perform set_config('synchronous_commit', _f[6], true);
    end if;
    if _f[7] is not null then
        perform set_config('lock_timeout', _f[7], true);
    end if;
    insert into {s}.operation as o (scope, key, fingerprint, answer, at) values (_scope, _f[2], _f[3], _f[4], _at)
        on conflict do nothing returning o.xmin::text::bigint into _low;
    if not found then
        select case when o.fingerprint = _f[3] then 'repeated' || o.answer else 'conflict' end into _told
            from {s}.operation o where o.scope = _scope and o.key = _f[2];
        if not found then
            raise exception using errcode = '40001', message = 'the operation was pruned meanwhile';
        end if;
        return _told;
    end if;
"""

_RECORDS = """
    _n := _f[_i];
    _i := _i + 1;
    if _n > 0 then
        _tx := {tx};
    end if;
    while _n > 0 loop
        if _f[_i + 4] = '0' and _f[_i + 3] <> '1' then
            perform 1 from {s}.record r
                where r.scope is not distinct from _scope and r.stream is not distinct from _f[_i + 1]
                    and r.key = _f[_i + 2] and r.number = _f[_i + 3]::bigint - 1;
            if not found then
                raise exception using errcode = '{stale_record}', message = 'record out of turn', detail = _f[_i];
            end if;
        end if;
        insert into {s}.record (scope, stream, tx, ordinal, key, number, at, type, shape, body)
            values (_scope, _f[_i + 1], _tx, _f[_i]::integer, _f[_i + 2], _f[_i + 3]::bigint, _at, _f[_i + 5], _f[_i + 6]::integer, _f[_i + 7]::json);
        _i := _i + 8;
        _n := _n - 1;
    end loop;
"""

_HOLDS = """
    _n := _f[_i];
    _i := _i + 1;
    while _n > 0 loop
        if _f[_i] = 'reserve' then
            _h := _f[_i + 3];
            _keys := _f[_i + 4 : _i + 3 + _h];
            _quantities := _f[_i + 4 + _h : _i + 3 + 2 * _h]::bigint[];
            insert into {s}.hold (scope, id, until, keys, quantities)
                values (_scope, _f[_i + 1], _f[_i + 2]::timestamptz, _keys, _quantities) on conflict do nothing;
            if not found then
                raise exception using errcode = '{not_straight}', message = 'hold exists';
            end if;
            insert into {s}.hold_item (scope, key, until, hold, quantity)
                select _scope, z.key, _f[_i + 2]::timestamptz, _f[_i + 1], z.quantity from unnest(_keys, _quantities) z (key, quantity);
            _i := _i + 4 + 2 * _h;
        else
            delete from {s}.hold h where h.scope = _scope and h.id = _f[_i + 1] and h.reclaimed_at is null
                returning h.keys, h.quantities, h.until into _keys, _quantities, _until;
            if not found then
                raise exception using errcode = '{not_straight}', message = 'hold unknown or lapsed';
            end if;
            delete from {s}.hold_item i where i.scope = _scope and i.key = any (_keys) and i.until = _until and i.hold = _f[_i + 1];
            for _g in 1 .. cardinality(_keys) loop
                _ended_keys := _ended_keys || _keys[_g];
                _ended_held := _ended_held || -_quantities[_g];
                _ended_used := _ended_used || case when _f[_i] = 'commit' then _quantities[_g] else 0 end;
                _ended_order := _ended_order || _f[_i + 2]::integer;
            end loop;
            _i := _i + 3;
        end if;
        _n := _n - 1;
    end loop;
"""

_MOVE = """
        if _g > 0 then
            insert into {s}.quota as q (scope, key, rank, granted, used, held) values (_scope, {key}, {rank}, _g, 0, 0)
                on conflict (scope, key) do update set granted = q.granted + excluded.granted returning q.rank into _rank;
        else
            update {s}.quota q set granted = q.granted + _g, used = q.used + _u, held = q.held + _h
                where q.scope = _scope and q.key = {key} and q.used + _u >= 0 and q.granted + _g - q.used - _u - q.held - _h >= 0
                returning q.rank into _rank;
        end if;
        if not found then
            if _failed is null or {order} < _failed then
                _failed := {order};
                _short := {key};
                _wanted := _u + _h - _g;
                select case when _wanted > 0 then q.granted - q.used - q.held else q.used end into _there
                    from {s}.quota q where q.scope = _scope and q.key = _short;
            end if;
        elsif _rank <> {rank} then
            raise exception using errcode = '{not_straight}', message = 'rank';
        end if;"""

_QUOTAS = """
    _n := _f[_i];
    _i := _i + 1;
    if _ended_keys is null then
        while _n > 0 loop
            _g := _f[_i + 3];
            _u := _f[_i + 4];
            _h := _f[_i + 5];{move_field}
            _i := _i + 6;
            _n := _n - 1;
        end loop;
    elsif _n = 0 and _ended_order[1] = _ended_order[cardinality(_ended_order)] then
        for _g in 1 .. cardinality(_ended_keys) loop
            update {s}.quota q set held = q.held + _ended_held[_g], used = q.used + _ended_used[_g]
                where q.scope = _scope and q.key = _ended_keys[_g];
        end loop;
    else
        for _step in
            select m.key, m.rank, m.turn, m.g, m.u, m.h from (
                select _f[_i + 6 * j] as key, _f[_i + 6 * j + 1]::bigint as rank, _f[_i + 6 * j + 2]::integer as turn,
                    _f[_i + 6 * j + 3]::bigint as g, _f[_i + 6 * j + 4]::bigint as u, _f[_i + 6 * j + 5]::bigint as h
                    from generate_series(0, _n - 1) j
                union all
                select e.key, (select q.rank from {s}.quota q where q.scope = _scope and q.key = e.key), e.turn, 0, e.used, e.held
                    from unnest(_ended_keys, _ended_order, _ended_used, _ended_held) e (key, turn, used, held)
            ) m order by m.rank, m.key collate "C", m.turn
        loop
            _g := _step.g;
            _u := _step.u;
            _h := _step.h;{move_step}
        end loop;
    end if;
    if _failed is null then
        return null;
    end if;
    _there := coalesce(_there, 0);
    if _wanted > 0 and (_there >= _wanted or exists (
        select 1 from {s}.hold_item i where i.scope = _scope and i.key = _short and i.until <= _at
    )) then
        raise exception using errcode = '{not_straight}', message = 'lapsed holds';
    end if;
    raise exception using errcode = '{refused}', message = case when _wanted > 0 then 'quota_exhausted' else 'quota_not_taken' end,
        detail = json_build_array(_short, abs(_wanted), _there)::text;
end"""

TX = "{top} - mod({top}, 4294967296) + {low} + case when {low} < mod({top}, 4294967296) then 4294967296 else 0 end + {ahead}"
"""The number of the (sub)transaction with low half `low`, in 64 bits: it is never below the top one, which began before it."""


_WITHIN = """
declare
    _state text;
    _message text;
    _detail text;
    _constraint text;
begin
    return {s}.{name}(_call);
exception
    when {caught} then
        get stacked diagnostics _state = returned_sqlstate, _message = message_text, _detail = pg_exception_detail, _constraint = constraint_name;
        return 'error' || json_build_array(_state, _message, _detail, _constraint)::text;
end"""


@frozen
class Functions:
    """What to install: the function that commits, and one that does it in a part of a host's transaction, undone when it raises."""

    name: str
    within: str
    definitions: tuple[str, ...]


def commit_functions(schema: str, tables: tuple[Table, ...], *, ahead: int) -> Functions:
    """The functions that commit changesets of these tables. `ahead` is added to transaction numbers (see `schema`, table shopwright_clock)."""
    words = {"s": schema, "not_straight": NOT_STRAIGHT, "refused": REFUSED, "stale_record": STALE_RECORD}
    top = "pg_current_xact_id()::text::bigint"
    words["tx"] = TX.format(top=top, low="_low", ahead=ahead)
    words["move_field"] = _indented(_MOVE.format(**words, key="_f[_i]", rank="_f[_i + 1]::bigint", order="_f[_i + 2]::integer"))
    words["move_step"] = _indented(_MOVE.format(**words, key="_step.key", rank="_step.rank", order="_step.turn"))
    body = "".join((_HEAD.format(**words), _documents(schema, tables), _RECORDS.format(**words), _HOLDS.format(**words), _QUOTAS.format(**words)))
    mark = sha256(body.encode()).hexdigest()[:12]
    name, within = f"commit_{mark}", f"commit_within_{mark}"
    caught = " or ".join(f"sqlstate '{state}'" for state in sorted(MEANT))
    return Functions(name, within, (_defined(schema, name, body), _defined(schema, within, _WITHIN.format(s=schema, name=name, caught=caught))))


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
