"""Where a page ended, as opaque text: the order value and the id of its last document.

Rules
- a cursor belongs to one kind, one order and one direction; with another query it is refused;
- it carries no offset, so rows that come and go between two pages never shift those that stay;
- it is data of the caller's by the time it comes back: a damaged one raises `InvalidValue`, and the values in it are checked as
  any others are.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Any

from shopwright.errors import InvalidValue
from shopwright.ports.edge import as_index_value, check_text
from shopwright.ports.kinds import IndexType, Kind
from shopwright.ports.storage import Query
from shopwright.wire.plain import time_in, time_out

_SEAL = 8


def cursor(kind: Kind[Any], query: Query[Any], *, value: str | int | datetime | None, id: str) -> str:
    """The text after which the next page begins. `value` is what the last document answers to `order_by`, `None` without one."""
    told = time_out(value) if isinstance(value, datetime) else value
    body = json.dumps([told, id], ensure_ascii=False, separators=(",", ":")).encode()
    return _text(_seal(kind, query, body) + body)


def position(kind: Kind[Any], query: Query[Any]) -> tuple[str | int | datetime | None, str] | None:
    """The order value and the id that a page begins after; `None` for the first page."""
    if query.after == "":
        return None
    try:
        data = urlsafe_b64decode(query.after + "=" * (-len(query.after) % 4))
        seal, body = data[:_SEAL], data[_SEAL:]
        if seal != _seal(kind, query, body) or query.after != _text(data):
            raise ValueError("the seal is broken")
        told, last = json.loads(body)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidValue(
            f"{query.after!r} is no cursor of this query of {kind.name}; give `after` the `next` of a page of the same kind, order and direction"
        ) from error
    check_text("id in a cursor", last)
    return _order_value(kind, query, told), last


def _order_value(kind: Kind[Any], query: Query[Any], told: Any) -> str | int | datetime | None:
    if query.order_by is None:
        return None
    index = kind.index(query.order_by)
    value = time_in(told) if index.type is IndexType.TIME else told
    return as_index_value(f"value of {index.name} in a cursor", index.type, value)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _seal(kind: Kind[Any], query: Query[Any], body: bytes) -> bytes:
    """Tells a damaged cursor, or one of another query; it is no secret, for a cursor opens nothing that the query does not."""
    owner = "\n".join((kind.name, query.order_by or "", "descending" if query.descending else "ascending"))
    return sha256(owner.encode() + b"\n" + body).digest()[:_SEAL]
