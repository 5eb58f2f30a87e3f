"""What stands in the bytes of a database, its log and its free pages: whether a text is among them, in any form that it may be written in."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(text: str) -> dict[str, bytes]:
    """The text in every form that it could stand in a file as, by the name of the form."""
    plain = text.encode()
    found = {
        "plain": plain,
        "lower case": text.lower().encode(),
        "upper case": text.upper().encode(),
        "UTF-16 LE": text.encode("utf-16-le"),
        "UTF-16 BE": text.encode("utf-16-be"),
        "UTF-32 LE": text.encode("utf-32-le"),
        "hexadecimal": plain.hex().encode(),
        "HEXADECIMAL": plain.hex().upper().encode(),
        "percent": quote(text, safe="").encode(),
        "percent with plus": quote_plus(text).encode(),
        "JSON escapes": json.dumps(text)[1:-1].encode(),
        "all escaped": "".join(f"\\u{ord(letter):04x}" for letter in text if ord(letter) < 0x10000).encode(),
        "backwards": text[::-1].encode(),
    }
    for shift in range(3):
        for name, encode in (("base64", b64encode), ("base64url", urlsafe_b64encode)):
            found[f"{name} at {shift}"] = _inside(encode(b"\0" * shift + plain), shift, len(plain))
    return found


def _inside(encoded: bytes, shift: int, length: int) -> bytes:
    """The characters that come of the text alone, whatever stands before and after it."""
    return encoded[-(-8 * shift // 6) : (8 * (shift + length)) // 6]


def files_below(*places: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file, with all of its bytes."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file():
                yield path, path.read_bytes()


def where(texts: tuple[str, ...], *places: Path) -> set[tuple[str, str, str]]:
    """Which of these texts stand in which form in which file."""
    wanted = [(text, name, form) for text in texts for name, form in forms(text).items()]
    return {(text, name, path.name) for path, data in files_below(*places) for text, name, form in wanted if form in data}
