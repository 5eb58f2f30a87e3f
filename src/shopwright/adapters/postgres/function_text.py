"""The text of the functions that write changesets, part by part, for `shopwright.adapters.postgres.functions` to put together.

Rules
- in braces stand the schema, the error codes and what differs between the functions; all other braces are doubled;
- variables begin with an underscore, which no column of a kind can;
- a hold that is turned goes without a trace in its quotas, for the hold that takes its place counts what it counted.
"""

from __future__ import annotations

DECLARED = """
declare
    _f text[] := string_to_array(substr(_call, 3), substr(_call, 1, 1), substr(_call, 2, 1));
    _scope text := _f[1];
    _at timestamptz := _f[{at}];
    _i integer := {first};
    _n integer := _f[{first} - 1];
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
    if _f[{durability}] is not null then
        perform set_config('synchronous_commit', _f[{durability}], true);
    end if;
    if _f[{durability} + 1] is not null then
        perform set_config('lock_timeout', _f[{durability} + 1], true);
    end if;
"""

OPERATION = """    insert into {s}.operation as o (scope, key, fingerprint, answer, at) values (_scope, _f[2], _f[3], _f[4], _at)
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

OPERATIONS = """    while _n > 0 loop
        insert into {s}.operation as o (scope, key, fingerprint, answer, at) values (_scope, _f[_i], _f[_i + 1], _f[_i + 2], _f[_i + 3]::timestamptz)
            on conflict do nothing returning o.xmin::text::bigint into _low;
        if not found then
            raise exception using errcode = '{not_straight}', message = 'operation', detail = _f[_i];
        end if;
        _i := _i + 4;
        _n := _n - 1;
    end loop;
    _n := _f[_i];
    _i := _i + 1;
"""
"""Many operations, each with its time; one that was done before is for its own caller to hear of."""

RECORDS = """
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
            values (_scope, _f[_i + 1], _tx, _f[_i]::integer, _f[_i + 2], _f[_i + 3]::bigint, {record_at}, _f[_i + 5], _f[_i + 6]::integer,
                _f[_i + 7]::json);
        _i := _i + {record_fields};
        _n := _n - 1;
    end loop;
"""

HOLDS = """
    _n := _f[_i];
    _i := _i + 1;
    while _n > 0 loop
        if _f[_i] = 'reserve' then
            _keys := _f[_i + 3]::text[];
            _quantities := _f[_i + 4]::bigint[];
            insert into {s}.hold (scope, id, until, keys, quantities)
                values (_scope, _f[_i + 1], _f[_i + 2]::timestamptz, _keys, _quantities) on conflict do nothing;
            if not found then
                raise exception using errcode = '{not_straight}', message = 'hold exists';
            end if;
            insert into {s}.hold_item (scope, key, until, hold, quantity)
                select _scope, z.key, _f[_i + 2]::timestamptz, _f[_i + 1], z.quantity from unnest(_keys, _quantities) z (key, quantity);
            _i := _i + 5;
        else
            delete from {s}.hold h where h.scope = _scope and h.id = _f[_i + 1] and h.reclaimed_at is null
                returning h.keys, h.quantities, h.until into _keys, _quantities, _until;
            if not found then
                raise exception using errcode = '{not_straight}', message = 'hold unknown or lapsed';
            end if;
            delete from {s}.hold_item i where i.scope = _scope and i.key = any (_keys) and i.until = _until and i.hold = _f[_i + 1];
            for _g in 1 .. case when _f[_i] = 'turn' then 0 else cardinality(_keys) end loop
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

MOVE = """
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

QUOTAS = """
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
    elsif {only_ends}
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

ONE_END = """_n = 0 and _ended_order[1] = _ended_order[cardinality(_ended_order)] then
        for _g in 1 .. cardinality(_ended_keys) loop
            update {s}.quota q set held = q.held + _ended_held[_g], used = q.used + _ended_used[_g]
                where q.scope = _scope and q.key = _ended_keys[_g];
        end loop;"""

MANY_ENDS = """_n = 0 then
        for _step in
            select q.key, sum(e.used)::bigint as u, sum(e.held)::bigint as h
                from unnest(_ended_keys, _ended_used, _ended_held) e (key, used, held) join {s}.quota q on q.scope = _scope and q.key = e.key
                group by q.key, q.rank order by q.rank, q.key collate "C"
        loop
            update {s}.quota q set held = q.held + _step.h, used = q.used + _step.u where q.scope = _scope and q.key = _step.key;
        end loop;"""
"""The ends of many holds, added up for each key."""

TX = "{top} - mod({top}, 4294967296) + {low} + case when {low} < mod({top}, 4294967296) then 4294967296 else 0 end + {ahead}"
"""The number of the (sub)transaction with low half `low`, in 64 bits: it is never below the top one, which began before it."""


WITHIN = """
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
