"""Transcripts without secrets, for logs: what an adapter's `scrub` is made of.

Rules
- every secret goes, also in its URL-encoded, JSON-escaped and Base64 forms;
- every run of 13 to 19 digits, spaced or dashed, that passes the card check digit goes, also where other digits stand beside it.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_DIGITS = re.compile(r"\d(?:[ -]?\d){12,}")
_BETWEEN = re.compile("([ -])")
_MOST = 19


def scrub(transcript: str, *, secrets: Iterable[str]) -> str:
    """The transcript with `[secret]` and `[card]` where these stood."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        transcript = transcript.replace(form, "[secret]")
    return _DIGITS.sub(_without_cards, transcript)


def _without_cards(found: re.Match[str]) -> str:
    """The digits without any groups of them that together are the number of a card."""
    parts, kept, place = _BETWEEN.split(found.group()), [], 0
    while place < len(parts):
        ends = range(place + 1, min(len(parts), place + 2 * _MOST) + 1, 2) if place % 2 == 0 else ()
        end = next((end for end in ends if _is_whole_card("".join(parts[place:end:2]))), 0)
        kept.append("[card]" if end else parts[place])
        place = end or place + 1
    return "".join(kept)


def _is_whole_card(digits: str) -> bool:
    return 13 <= len(digits) <= _MOST and is_card_number(digits)


def is_card_number(text: str) -> bool:
    """Whether the digits of this text pass the check of card numbers (Luhn)."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return bool(digits) and (doubled + sum(digits[-1::-2])) % 10 == 0


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], b64encode(secret.encode()).decode()
