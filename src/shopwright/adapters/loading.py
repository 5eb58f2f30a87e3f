"""Rows of documents of several kinds, as both SQL adapters read them, to the documents they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shopwright.ports.kinds import Kind
from shopwright.ports.storage import Loaded, Stored
from shopwright.wire.codec import Codec


def loaded(wanted: Iterable[type], codec: Codec, rows: Iterable[Sequence[Any]]) -> Loaded:
    """The documents of rows of a kind's name, id, version, shape and body, under the types that were asked for."""
    found: dict[type, dict[str, Stored[Any]]] = {}
    ways: dict[str, tuple[dict[str, Stored[Any]], Callable[[int, str], Any]]] = {}
    for type_ in wanted:
        kind: Kind[Any] = codec.kinds.document(type_)
        found[type_] = {}
        ways[kind.name] = found[type_], codec.loader(kind)
    for name, id, version, shape, body in rows:
        there, load = ways[name]
        there[id] = Stored(load(shape, body), version)
    return Loaded(found)
