"""The notifier port: telling people something, by whatever channel the shop has."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import Pairs, fact_pairs, sorted_pairs, text


@frozen(kw_only=True)
class Message:
    """What to tell whom: the `template` names the words, the `facts` fill them in. `key` is told once, however often it is sent."""

    key: str = field(validator=text(least=1))
    channel: str = field(validator=text(least=1))
    recipient: str = field(validator=text(least=1, most=320), repr=False)
    template: str = field(validator=text(least=1))
    language: str = field(default="en", validator=text(least=2, most=35))
    facts: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs, repr=False)


@runtime_checkable
class Notifier(Protocol):
    """Somebody who delivers messages."""

    @property
    def name(self) -> str:
        """A slug that never changes."""
        ...

    def send(self, message: Message) -> None:
        """Accept a message for delivery, at most once per key.

        Raises `NotSent` when it was not accepted and `Indeterminate` when that is not known; sending it again is safe in both cases.
        """
        ...
