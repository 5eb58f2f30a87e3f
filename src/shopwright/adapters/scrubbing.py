"""Transcripts without secrets, for logs: what an adapter's `scrub` is made of.

Rules
- every secret goes, also in its URL-encoded, JSON-escaped and Base64 forms;
- every run of 13 to 19 digits, spaced or dashed, that passes the card check digit goes.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_DIGITS = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def scrub(transcript: str, *, secrets: Iterable[str]) -> str:
    """The transcript with `[secret]` and `[card]` where these stood."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        transcript = transcript.replace(form, "[secret]")
    return _DIGITS.sub(lambda found: "[card]" if is_card_number(found.group()) else found.group(), transcript)


def is_card_number(text: str) -> bool:
    """Whether the digits of this text pass the check of card numbers (Luhn)."""
    digits = [int(letter) for letter in text if letter.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return bool(digits) and (doubled + sum(digits[-1::-2])) % 10 == 0


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], b64encode(secret.encode()).decode()
