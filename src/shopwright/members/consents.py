"""What a member allows, purpose by purpose, with the proof of the last word on each.

Rules
- the proof is the version of the text that was shown, the channel it was shown on, the moment, and who said so;
- nothing is allowed by silence: a purpose that nobody was asked about is not allowed;
- of two records of one person the stricter word on a purpose holds, whichever came later: a withdrawal is never outvoted;
- earlier words stay in the history of the member, one event each.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, of
from shopwright.members.actors import Actor

MOST_PURPOSES = 100
"""How many purposes a member can be asked about."""


@frozen(kw_only=True)
class Consent:
    """The last word on a purpose, with its proof."""

    purpose: str = field(validator=identifier(most=60))
    given: bool = field(validator=of(bool))
    text_version: str = field(validator=identifier(most=100))
    channel: str = field(validator=identifier(most=60))
    at: datetime = field(validator=aware)
    by: Actor = field(validator=of(Actor))


def stricter(ours: tuple[Consent, ...], theirs: tuple[Consent, ...]) -> tuple[Consent, ...]:
    """The words that hold for one person who has two records, by purpose."""
    held = {consent.purpose: consent for consent in theirs}
    for consent in ours:
        other = held.get(consent.purpose)
        if other is None or other.given or not consent.given:
            held[consent.purpose] = consent
    return tuple(held[purpose] for purpose in sorted(held))
