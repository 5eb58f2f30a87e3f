"""Values straight to JSON text: what the standard library writes of the plain data that the converter makes, in half its time.

Rules
- a function is made per class at first use, as attrs and cattrs make theirs;
- the text is the same as by the long way, to the byte; what is neither an attrs class nor made of them goes the long way;
- for each part of a document the last one is kept with its text (`shopwright.wire.remembering`);
- a field that holds another type than it declares raises `TypeError`, `ValueError`, `AttributeError` or `LookupError`.

orjson does both steps in less time still, so nothing here is used where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from json.encoder import encode_basestring as text_out
from threading import RLock
from types import NoneType
from typing import TYPE_CHECKING, Any, NewType, get_args, get_origin

import attrs

from shopwright.wire import texts
from shopwright.wire.converters import TAG, by_tag, converter, is_union, members_of
from shopwright.wire.plain import time_out
from shopwright.wire.remembering import never_changes, remembering

if TYPE_CHECKING:
    from cattrs import Converter

Write = Callable[[Any], str]

_PART = "part of a document"

_boolean_out = {True: "true", False: "false"}.__getitem__
_SIMPLE: dict[Any, Write] = {
    str: text_out,
    int: int.__repr__,
    bool: _boolean_out,
    NoneType: lambda _: "null",
    datetime: lambda value: f'"{time_out(value)}"',
}


@cache
def writers(*, sort_keys: bool) -> TextWriters:
    """The functions of this process, with the keys of every object in their own order or sorted."""
    return TextWriters(converter(worded=False), texts.in_sorted_order if sort_keys else texts.in_order, sort_keys=sort_keys)


class TextWriters:
    """The functions that write values as text, by type."""

    def __init__(self, converter: Converter, encode: Write, *, sort_keys: bool) -> None:
        self._converter, self._encode, self._sort_keys = converter, encode, sort_keys
        self._made: dict[tuple[Any, str], Write] = {}
        self._begun: set[tuple[Any, str]] = set()
        self._lock = RLock()

    def of(self, type_: Any, tag: str = "") -> Write:
        """The function that writes values of this type; raises `InvalidValue` for a type that cannot be stored."""
        key = type_, tag
        with self._lock:
            if key in self._begun:
                return lambda value: self._made[key](value)  # noqa: PLW0108  # a class that is part of itself: it is not there yet
            if key not in self._made:
                self._begun.add(key)
                try:
                    self._made[key] = self._make(type_, tag)
                finally:
                    self._begun.remove(key)
            return self._made[key]

    def document(self, type_: type) -> Write:
        """As `of`, for a value that is written alone: what its parts were last time is known again."""
        return self._object(type_, "", part=self._part) if _is_plain_class(type_) else self.of(type_)

    def _part(self, type_: Any) -> Write:
        """The function that writes a part of a document; one for all documents, so that they share what it remembers."""
        key = type_, _PART
        with self._lock:
            if key not in self._made:
                self._made[key] = remembering(self.of(type_)) if never_changes(type_) else self.of(type_)
            return self._made[key]

    def _make(self, type_: Any, tag: str) -> Write:
        if type_ in _SIMPLE:
            return _SIMPLE[type_]
        if isinstance(type_, NewType):
            return self.of(type_.__supertype__)
        if _is_plain_class(type_):
            return self._object(type_, tag, part=self.of)
        if isinstance(type_, type) and issubclass(type_, StrEnum):
            return text_out
        if get_origin(type_) is tuple:
            return self._array(*get_args(type_))
        if is_union(type_):
            return self._union(type_)
        return self._by_the_long_way(type_)

    def _by_the_long_way(self, type_: Any) -> Write:
        encode, plain = self._encode, self._converter.get_unstructure_hook(type_)
        return lambda value: encode(plain(value))

    def _array(self, *items: Any) -> Write:
        if items[1:] == (...,):
            write_item = self.of(items[0])
            return lambda values: f"[{','.join(map(write_item, values))}]"
        names = {f"w_{place}": self.of(item) for place, item in enumerate(items)}
        values = "".join(f"v_{place}, " for place in range(len(items)))
        texts = ",".join(f"{{w_{place}(v_{place})}}" for place in range(len(items)))
        return _defined("array", [f"{values or '()'} = value", f"return f'[{texts}]'"], names)

    def _union(self, type_: Any) -> Write:
        parts, _ = members_of(type_)
        if len(parts) == 1:
            write = self.of(parts[0])
            return lambda value: "null" if value is None else write(value)
        if all(part in _SIMPLE for part in parts):
            simple = {part: _SIMPLE[part] for part in (*parts, NoneType)}
            return lambda value: simple[value.__class__](value)
        refuse = self._converter.get_unstructure_hook(type_)
        tagged = {part: self.of(part, tag) for tag, part in by_tag(type_, parts).items()}
        tagged[NoneType] = lambda _: "null"
        return lambda value: tagged.get(value.__class__, refuse)(value)

    def _object(self, type_: type, tag: str, *, part: Callable[[Any], Write]) -> Write:
        attrs.resolve_types(type_)
        fields = [field for field in attrs.fields(type_) if field.init]
        names: dict[str, Any] = {f"w_{field.name}": part(field.type) for field in fields}
        names |= {f"d_{field.name}": _default(field) for field in fields}
        given = [(field.name, f'"{field.name}":{{w_{field.name}(value.{field.name})}}', field.default is attrs.NOTHING) for field in fields]
        if not self._sort_keys:
            given.sort(key=lambda piece: not piece[2])  # as the converter writes them: first what is always there
        if tag:
            names["tag"] = text_out(tag)
            given.append((TAG, f'"{TAG}":{{tag}}', True))
        if self._sort_keys:
            given.sort()
        lines = list(_lines(given))
        if given and given[0][2]:
            lines[0] = lines[0].replace("text += f',", "text = f'{{", 1)
            return _defined(type_.__qualname__, [*lines, "return text + '}'"], names)
        return _defined(type_.__qualname__, ["text = ''", *lines, "return '{' + text[1:] + '}'"], names)


def _defined(what: str, lines: list[str], names: dict[str, Any]) -> Write:
    """A function of one value, made from these lines; they hold names of fields and nothing else that came from elsewhere."""
    source = "\n    ".join(["def write(value):", *lines])
    exec(compile(source, f"<the text of {what}>", "exec"), names)  # noqa: S102
    write: Write = names["write"]
    return write


def _lines(pieces: list[tuple[str, str, bool]]) -> Iterator[str]:
    """What writes the pieces: those that are always there as far as possible in one go."""
    for always, some in groupby(pieces, key=lambda piece: piece[2]):
        if always:
            yield f"text += f',{','.join(text for _, text, _ in some)}'"
        else:
            yield from (f"if value.{name} != d_{name}: text += f',{text}'" for name, text, _ in some)


def _default(field: attrs.Attribute[Any]) -> Any:
    default: Any = field.default
    if default is attrs.NOTHING:
        return None
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class at run time
        default = default.factory()
    convert: Any = field.converter
    return default if convert is None else convert(default)


def _is_made_late(field: attrs.Attribute[Any]) -> bool:
    """Whether its default depends on the other fields."""
    return getattr(field.default, "takes_self", False) or isinstance(field.converter, attrs.Converter)


def _is_plain_class(type_: Any) -> bool:
    """Whether it is an attrs class of which no field waits for others to get its default."""
    return isinstance(type_, type) and attrs.has(type_) and not any(_is_made_late(field) for field in attrs.fields(type_))
