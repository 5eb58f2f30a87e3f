"""A notifier that keeps what it delivers, each key once, and can lose an answer or a message."""

from __future__ import annotations

from shopwright.payments.errors import Indeterminate, NotSent
from shopwright.ports.notifier import Message


class Post:
    """Implements `shopwright.ports.notifier.Notifier`. `troubles` come before what is sent: `not_sent`, `lost_applied` or `lost_not_applied`."""

    name = "post"

    def __init__(self) -> None:
        self.delivered: dict[str, Message] = {}
        self.troubles: list[str] = []

    def send(self, message: Message) -> None:
        """Deliver, once for each key."""
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "not_sent":
            raise NotSent("the post is closed")
        if trouble != "lost_not_applied":
            assert self.delivered.setdefault(message.key, message) == message, "one key is one message"
        if trouble:
            raise Indeterminate("nobody knows whether it went")

    def code(self, contact: str = "c1") -> str:
        """The code that was sent last to a contact of this id."""
        return dict([it for it in self.delivered.values() if f"/{contact}/" in it.key][-1].facts)["code"]
