"""The parts of a document, written and read once where several documents hold the very same.

An order and the event that placed it hold the same lines, payments, address and claim, and all orders of a shop the same terms; a flow that goes on
with an order reads again what it has read a moment ago. So for each type of part the last value is kept with what was written of it, and the last few
short texts with what was read of them. A value that is kept is no other one, and it never changes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, TypeVar, get_args, get_origin

import attrs

from shopwright.wire import texts
from shopwright.wire.converters import converter

W = TypeVar("W")

_KEPT = 32
"""How many texts of each type of part are kept with what was read of them."""

_SHORT = 4_000  # bytes


def never_changes(type_: Any) -> bool:
    """Whether a part of this type is an attrs class that stays as it was made, or a tuple of them."""
    item = get_args(type_)[0] if get_origin(type_) is tuple else type_
    return attrs.has(item) and item.__hash__ is not None


def remembering(write: Callable[[Any], W]) -> Callable[[Any], W]:
    """The same, with the last value kept with what was written of it."""
    last: tuple[Any, W] | None = None

    def write_or_recall(value: Any) -> W:
        nonlocal last
        known = last  # another thread may write meanwhile
        if known is None or known[0] is not value:
            last = known = value, write(value)
        return known[1]

    return write_or_recall


def document_writer(type_: type) -> Callable[[Any], Any]:
    """What makes plain data of a document, as the converter does, and knows its parts again; nobody may change what it made."""
    from cattrs.gen import make_dict_unstructure_fn, override

    made = converter(worded=False)
    attrs.resolve_types(type_)
    parts = [field for field in attrs.fields(type_) if never_changes(field.type)]
    kept: dict[str, Any] = {field.name: override(unstruct_hook=_part(field.type)) for field in parts}
    return make_dict_unstructure_fn(type_, made, _cattrs_omit_if_default=True, **kept) if kept else made.get_unstructure_hook(type_)


@cache
def _part(type_: Any) -> Callable[[Any], Any]:
    """One for all documents, so that they share what it remembers."""
    return remembering(converter(worded=False).get_unstructure_hook(type_))


def document_reader(type_: type, json: texts.Json) -> Callable[[Any, Any], Any]:
    """What reads plain data of a document, as the converter does, and knows its parts again by their text."""
    from cattrs.gen import make_dict_structure_fn, override

    made = converter(worded=False)
    attrs.resolve_types(type_)
    parts = [field for field in attrs.fields(type_) if never_changes(field.type)]
    if not parts:
        return made.get_structure_hook(type_)
    known: dict[str, Any] = {field.name: override(struct_hook=_known_again(field.type, json)) for field in parts}
    return make_dict_structure_fn(type_, made, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=False, **known)


@cache
def _known_again(type_: Any, json: texts.Json) -> Callable[[Any, Any], Any]:
    """One for all documents, so that they share what it remembers; a long part is read anew."""
    read, encode, decode = converter(worded=False).get_structure_hook(type_), json.encode, json.decode

    @lru_cache(_KEPT)
    def recall(text: bytes) -> Any:
        return read(decode(text.decode()), type_)

    def read_or_recall(plain: Any, _: Any = type_) -> Any:
        text = encode(plain)
        return recall(text) if len(text) <= _SHORT else read(plain, type_)

    return read_or_recall
