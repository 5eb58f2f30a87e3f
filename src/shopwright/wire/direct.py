"""Values straight to JSON text: what the standard library writes of the plain data that the converter makes, in half its time.

Rules
- a function is made per class at first use, as attrs and cattrs make theirs;
- the text is the same as by the long way, to the byte; what is neither an attrs class nor made of them goes the long way;
- the text of the last array of values is kept, with the array: an order and the event that placed it hold the same lines;
- a field that holds another type than it declares raises `TypeError`, `ValueError`, `AttributeError` or `LookupError`.

orjson does both steps in less time still, so nothing here is used where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

if TYPE_CHECKING:
    from cattrs import Converter

Write = Callable[[Any], str]

_boolean_out = {True: "true", False: "false"}.__getitem__
_SIMPLE: dict[Any, Write] = {str: text_out, int: int.__repr__, bool: _boolean_out, NoneType: lambda _: "null"}


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

    def _make(self, type_: Any, tag: str) -> Write:
        if type_ in _SIMPLE:
            return _SIMPLE[type_]
        if isinstance(type_, NewType):
            return self.of(type_.__supertype__)
        if isinstance(type_, type) and attrs.has(type_) and not any(_is_made_late(field) for field in attrs.fields(type_)):
            return self._object(type_, tag)
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
            return _remembering(self.of(items[0])) if _never_changes(items[0]) else _each(self.of(items[0]))
        names = {f"w_{place}": self.of(item) for place, item in enumerate(items)}
        values = "".join(f"v_{place}, " for place in range(len(items)))
        texts = ",".join(f"{{w_{place}(v_{place})}}" for place in range(len(items)))
        return _defined("array", [f"{values or '()'} = value", f"return f'[{texts}]'"], names)

    def _union(self, type_: Any) -> Write:
        parts, _ = members_of(type_)
        if len(parts) == 1:
            write = self.of(parts[0])
            return lambda value: "null" if value is None else write(value)
        if not all(attrs.has(part) for part in parts):
            return self._by_the_long_way(type_)
        refuse = self._converter.get_unstructure_hook(type_)
        tagged = {part: self.of(part, tag) for tag, part in by_tag(type_, parts).items()}
        tagged[NoneType] = lambda _: "null"
        return lambda value: tagged.get(value.__class__, refuse)(value)

    def _object(self, type_: type, tag: str) -> Write:
        attrs.resolve_types(type_)
        fields = [field for field in attrs.fields(type_) if field.init]
        names: dict[str, Any] = {f"w_{field.name}": self.of(field.type) for field in fields}
        names |= {f"d_{field.name}": _default(field) for field in fields}
        given = [(field.name, f'"{field.name}":{{w_{field.name}(value.{field.name})}}', field.default is attrs.NOTHING) for field in fields]
        if not self._sort_keys:
            given.sort(key=lambda piece: not piece[2])  # as the converter writes them: first what is always there
        if tag:
            names["tag"] = text_out(tag)
            given.append((TAG, f'"{TAG}":{{tag}}', True))
        if self._sort_keys:
            given.sort()
        return _defined(type_.__qualname__, ["text = ''", *_lines(given), "return '{' + text[1:] + '}'"], names)


def _defined(what: str, lines: list[str], names: dict[str, Any]) -> Write:
    """A function of one value, made from these lines; they hold names of fields and nothing else that came from elsewhere."""
    source = "\n    ".join(["def write(value):", *lines])
    exec(compile(source, f"<the text of {what}>", "exec"), names)  # noqa: S102
    return names["write"]  # type: ignore[no-any-return]  # made the line before


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


def _never_changes(type_: Any) -> bool:
    return attrs.has(type_) and type_.__hash__ is not None


def _each(write: Write) -> Write:
    return lambda values: f"[{','.join(map(write, values))}]"


def _remembering(write: Write) -> Write:
    """As `_each`, with the last array and its text kept; an array that is kept is no other one."""
    write_all = _each(write)
    last: tuple[Any, str] = ((), "[]")

    def write_or_recall(values: Any) -> str:
        nonlocal last
        kept, text = last
        if values is not kept:
            text = write_all(values)
            last = values, text
        return text

    return write_or_recall
