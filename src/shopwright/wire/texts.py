"""Plain data to JSON text and back, with orjson where it is installed (extra `fast`) and the standard library elsewhere.

Rules
- both write the same text for the same data, so a store may change hands between them;
- non-ASCII text stays as it is; there is no space between tokens;
- what one of them could not read back is not written: U+0000, lone surrogates, integers beyond 64 bits, NaN.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from attrs import frozen

from shopwright.errors import InvalidValue

_ESCAPE = b"\\"
_NUL = b"\\u0000"
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_LONG_RUN = b"0" * 19
_MOST = 2**63 - 1


@frozen
class Json:
    """A JSON library: compact UTF-8 in the order given, the same with sorted keys, and back. All three raise `ValueError` or `TypeError`.

    `is_kept` tells of text that it wrote whether it surely holds nothing that is not kept.
    """

    name: str
    encode: Callable[[Any], bytes]
    encode_sorted: Callable[[Any], bytes]
    decode: Callable[[str], Any]
    is_kept: Callable[[bytes], bool]

    def dumps(self, plain: Any) -> str:
        """Compact text; raises `InvalidValue` for what is not kept."""
        return self._checked(self.encode, plain).decode()

    def canonical(self, plain: Any) -> bytes:
        """Compact UTF-8 with sorted keys: equal data gives equal bytes, whatever the library."""
        return self._checked(self.encode_sorted, plain)

    def _checked(self, encode: Callable[[Any], bytes], plain: Any) -> bytes:
        try:
            data = encode(plain)
        except (TypeError, ValueError) as error:
            check_plain(plain)
            raise InvalidValue(f"a value cannot be written as JSON: {error}") from error
        if not self.is_kept(data):
            check_plain(plain)
        return data


def is_kept(data: bytes) -> bool:
    """Whether JSON surely holds no U+0000 and no integer beyond 64 bits; only `check_plain` knows when it does."""
    return _holds_no_nul(data) and data.translate(_DIGITS_ALIKE).find(_LONG_RUN) < 0


def _holds_no_nul(data: bytes) -> bool:
    # `find`, because `in` would first take what it looks for as a number, and raise and catch an error each time.
    return data.find(_ESCAPE) < 0 or data.find(_NUL) < 0


@cache
def stdlib() -> Json:
    """The `json` module of the standard library."""
    decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
    return Json("json", lambda plain: in_order(plain).encode(), lambda plain: in_sorted_order(plain).encode(), decode, is_kept)


_OPTIONS: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":"), "check_circular": False}
in_order, in_sorted_order = json.JSONEncoder(**_OPTIONS).encode, json.JSONEncoder(**_OPTIONS, sort_keys=True).encode


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


@cache
def installed() -> Json:
    """The library orjson when it is installed, else the standard library."""
    try:
        import orjson
    except ImportError:
        return stdlib()

    def writing(option: int) -> Callable[[Any], bytes]:
        """With integers watched by the library itself, as far as it can: up to 53 bits."""

        def encode(plain: Any) -> bytes:
            try:
                return orjson.dumps(plain, option=option | orjson.OPT_STRICT_INTEGER)
            except TypeError:
                check_plain(plain)
                return orjson.dumps(plain, option=option)

        return encode

    return Json("orjson", writing(0), writing(orjson.OPT_SORT_KEYS), orjson.loads, _holds_no_nul)


def check_plain(plain: Any, path: str = "$") -> None:
    """Raise `InvalidValue` for the first text or integer that is not kept, with the path to it."""
    if isinstance(plain, str):
        _check_text(plain, path)
    elif isinstance(plain, int) and not -_MOST - 1 <= plain <= _MOST:
        raise InvalidValue(f"integers must fit in 64 bits, got {plain} @ {path}")
    elif isinstance(plain, dict):
        for key, value in plain.items():
            check_plain(key, path)
            check_plain(value, f"{path}.{key}")
    elif isinstance(plain, list | tuple):
        for at, value in enumerate(plain):
            check_plain(value, f"{path}[{at}]")


def _check_text(text: str, path: str) -> None:
    if "\0" in text:
        raise InvalidValue(f"text must not hold U+0000, got {text!r} @ {path}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"text must not hold a lone surrogate, got {text!r}; decode the input as UTF-8 first @ {path}") from None
