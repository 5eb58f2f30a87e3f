"""What is kept of people so that it can be erased: texts sealed under a key of their own, and that key, itself sealed.

Rules
- what is personal is kept as `Sealed` alone; who has the store, but not the masters of the shop, can read none of it;
- each person has one `PersonalKey`, kept wrapped under a master that only the host has; without it nothing of theirs opens again;
- a seal is for one person and one field: moved to another, it does not open.

What seals and opens them is the port `shopwright.ports.vault`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, identifier, of, text
from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor

MOST_SEALED = 2**26
"""The longest seal, in characters: a label of a few dozen megabytes."""

PERSONS = "persons"
"""The stream of what happened to what the shop knows of people."""

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
_FORM = re.compile(r"1\.[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9_-]+")


def _is_seal(_instance: Any, _attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or len(value) > MOST_SEALED or not _FORM.fullmatch(value):
        raise InvalidValue("a sealed text is 1.<key id>.<base64url>; what was given is not, and is not shown; seal a text with `Box.seal`")


def _is_key_id(instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, str) or not _KEY_ID.fullmatch(value):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be 1 to 60 of A-Z, a-z, 0-9, _ and -, got {value!r}")


@frozen
class Sealed:
    """A text that only the key named in it opens: `1.<key id>.<base64url of nonce, ciphertext and tag>`. It shows nothing."""

    text: str = field(validator=_is_seal, repr=False)

    @property
    def key_id(self) -> str:
        """The id of the `PersonalKey` that it was sealed under."""
        return self.text.split(".", 2)[1]

    @property
    def payload(self) -> str:
        """Nonce, ciphertext and tag, as base64url without padding."""
        return self.text.split(".", 2)[2]


def kept_as(note: str | Sealed) -> tuple[str, Sealed | None]:
    """A note as two fields, of which one at most says something: its text, or its seal."""
    return (note, None) if isinstance(note, str) else ("", note)


@frozen
class PersonalKey:
    """The key of one person, wrapped under a master of the shop. Its document has the id of the person (`subject`).

    `id` names this very key: after an erasure the same person, come again, gets a new one, which opens nothing of old. `master` names what it is
    wrapped under.
    """

    subject: str = field(validator=text(least=1))
    id: str = field(validator=_is_key_id)
    master: str = field(validator=_is_key_id)
    wrapped: bytes = field(validator=of(bytes), repr=False)


@frozen(kw_only=True)
class PersonErased:
    """All that was sealed of a person cannot be opened any more; `key_id` names the key that is gone."""

    subject: str = field(validator=identifier())
    key_id: str = field(validator=_is_key_id)
    by: Actor = field(validator=of(Actor))
    at: datetime = field(validator=aware)
