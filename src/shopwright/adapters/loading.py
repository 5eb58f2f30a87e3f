"""Rows of documents of several kinds, as both SQL adapters read them, to the documents they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from shopwright.ports.kinds import Kind
from shopwright.ports.storage import Loaded, Stored
from shopwright.wire.codec import Codec


def loaded(wanted: Iterable[type], codec: Codec, rows: Iterable[Sequence[Any]]) -> Loaded:
    """The documents of rows of a kind's name, id, version, shape and body, under the types that were asked for."""
    kinds: dict[type, Kind[Any]] = {type_: codec.kinds.document(type_) for type_ in wanted}
    found: dict[str, dict[str, Stored[Any]]] = {kind.name: {} for kind in kinds.values()}
    loads = {kind.name: codec.loader(kind) for kind in kinds.values()}
    for name, id, version, shape, body in rows:
        found[name][id] = Stored(loads[name](shape, body), version)
    return Loaded({type_: found[kind.name] for type_, kind in kinds.items()})
