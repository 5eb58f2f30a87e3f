"""Values to text and back, by the kinds that a storage keeps.

Rules
- the text is the body alone: kind, shape and version stand beside it in the store;
- the same value always gives the same text; a field at its default is left out;
- short documents are remembered with their text: a product is read for every order, and a value can be shared because it never changes;
- a body of an older shape is lifted step by step; a newer shape, or a body that the type does not explain, is
  `UndecodableDocument`, with the path to what is wrong: nothing is dropped and nothing is guessed.

How each type stands in a body is told in `shopwright.wire.plain`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import attrs

from shopwright.errors import InvalidValue, UndecodableDocument
from shopwright.ports.kinds import Kind, Kinds, RecordType
from shopwright.wire import texts

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")

_MOST_TOLD = 5
_REMEMBERED = 4_096
_SHORT = 1_000  # characters


class Codec:
    """Writes and reads the values of these kinds. Safe to share between threads; functions are compiled at first use."""

    def __init__(self, kinds: Kinds, *, json: texts.Json | None = None) -> None:
        self.kinds = kinds
        self._json = json or texts.installed()
        self._direct = self._json is texts.stdlib()  # other libraries are the faster on plain data
        self._ways: dict[type, Callable[[Any], str]] = {}
        self._sorted_ways: dict[type, Callable[[Any], str]] = {}
        self._writers: dict[type, Callable[[Any], Any]] = {}
        self._readers: dict[type, Callable[[Any, Any], Any]] = {}
        self._loaders: dict[type, Callable[[int, str], Any]] = {}

    def dump(self, value: object) -> str:
        """The body of a value, as compact JSON text.

        Takes documents and records of the kinds, and any attrs command. Raises `InvalidValue` for what cannot be stored.
        """
        return (self._directly(value) if self._direct else "") or self._json.dumps(self._plain(value))

    def load(self, kind: Kind[T] | RecordType[T], shape: int, text: str) -> T:
        """The value of a body that was written at this shape; raises `UndecodableDocument`."""
        return self.loader(kind)(shape, text)

    def loader(self, kind: Kind[T] | RecordType[T]) -> Callable[[int, str], T]:
        """What reads the bodies of a kind, as `load` does; for many of them."""
        load = self._loaders.get(kind.type)
        if load is None:
            load = self._loaders[kind.type] = self._loader(kind)
        return load

    def _loader(self, kind: Kind[Any] | RecordType[Any]) -> Callable[[int, str], Any]:
        """Of short documents that never change the last ones are known again."""
        read = partial(self._read, kind)
        if not isinstance(kind, Kind) or kind.type.__hash__ is None:
            return read
        recall = lru_cache(_REMEMBERED)(read)
        return lambda shape, text: read(shape, text) if len(text) > _SHORT else recall(shape, text)

    def _read(self, kind: Kind[T] | RecordType[T], shape: int, text: str) -> T:
        try:
            body = self._json.decode(text)
            if shape != kind.shape:
                body = _lifted(kind, shape, body)
            value: T = self._reader(kind.type)(body, kind.type)
            return value
        except UndecodableDocument:
            raise
        except Exception as error:  # noqa: BLE001  # lifts and validators may raise anything; `_refuse` tells what and where
            self._refuse(kind, shape, text, error)

    def fingerprint(self, command: object) -> str:
        """What tells one command from another: 64 hexadecimal digits over the name of its type and its body with sorted keys."""
        text = self._directly(command, sort_keys=True) if self._direct else ""
        body = text.encode() or self._json.canonical(self._plain(command))
        return sha256(type(command).__name__.encode() + b"\n" + body).hexdigest()

    def _directly(self, value: object, *, sort_keys: bool = False) -> str:
        """The body without plain data in between; empty where that is slower, or something is wrong: then the long way tells what."""
        ways, type_ = self._sorted_ways if sort_keys else self._ways, type(value)
        write = ways.get(type_)
        if write is None:
            write = ways[type_] = self._short_way(type_, sort_keys=sort_keys)
        try:
            text = write(value)
            return text if texts.is_kept(text.encode()) else ""
        except (AttributeError, LookupError, TypeError, ValueError):
            return ""

    def _short_way(self, type_: type, *, sort_keys: bool) -> Callable[[Any], str]:
        if not attrs.has(type_):
            return lambda _: ""
        from shopwright.wire.direct import writers

        return writers(sort_keys=sort_keys).document(type_)

    def _plain(self, value: object) -> Any:
        write = self._writers.get(type(value))
        if write is None:
            write = self._writers[type(value)] = self._writer(type(value))
        try:
            return write(value)
        except InvalidValue:
            raise
        except (AttributeError, TypeError, ValueError) as error:
            raise InvalidValue(f"a {type(value).__name__} holds what its fields do not allow: {error}") from error

    def _writer(self, type_: type) -> Callable[[Any], Any]:
        if not attrs.has(type_):
            raise InvalidValue(f"only values of attrs classes have a body, got {type_.__name__}")
        from shopwright.wire.remembering import document_writer

        return document_writer(type_)

    def _reader(self, type_: type) -> Callable[[Any, Any], Any]:
        read = self._readers.get(type_)
        if read is None:
            from shopwright.wire.remembering import document_reader

            read = self._readers[type_] = document_reader(type_, self._json)
        return read

    def _refuse(self, kind: Kind[Any] | RecordType[Any], shape: int, text: str, error: Exception) -> NoReturn:
        """Read once more, slowly, for the sake of the words."""
        from cattrs import transform_error

        try:
            body = _lifted(kind, shape, self._json.decode(text))
            if not isinstance(body, dict):
                raise TypeError(f"expected an object, got {type(body).__name__}")
            _converter(worded=True).structure(body, kind.type)
        except Exception as worded:  # noqa: BLE001  # whatever went wrong is what is told
            told = transform_error(worded, path="$", format_exception=_told)
            more = f"; and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
            raise UndecodableDocument(f"a stored {kind.name} of shape {shape} cannot be read: {'; '.join(told[:_MOST_TOLD])}{more}") from error
        raise error  # the two converters differ only in words, so this is a bug that must not be hidden


def _converter(*, worded: bool) -> Converter:
    from shopwright.wire.converters import converter  # cattrs loads here, with the first value

    return converter(worded=worded)


def _lifted(kind: Kind[Any] | RecordType[Any], shape: int, body: Any) -> Any:
    if not 1 <= shape <= kind.shape:
        raise UndecodableDocument(
            f"a stored {kind.name} has shape {shape}; this release knows 1 to {kind.shape}; it was written by a newer one: upgrade this process"
        )
    for lift in kind.lifts[shape - 1 :]:
        body = lift(body)
    return body


def _told(error: BaseException, _: type | None) -> str:
    """One failure in words: required field missing, extra fields found, or what the reader said."""
    from cattrs.errors import ForbiddenExtraKeysError

    match error:
        case KeyError():
            return "required field missing"
        case ForbiddenExtraKeysError(extra_fields=extra):
            return f"no field explains {', '.join(sorted(extra))}"
        case _:
            return str(error) or type(error).__name__
