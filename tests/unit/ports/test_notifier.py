"""Telling people something, once per key."""

from __future__ import annotations

from typing import Any

import pytest

from shopwright.errors import InvalidValue
from shopwright.ports.notifier import Message, Notifier


class Letterbox:
    """A notifier that keeps what it is given, once per key."""

    name = "letterbox"

    def __init__(self) -> None:
        self.letters: dict[str, Message] = {}

    def send(self, message: Message) -> None:
        self.letters.setdefault(message.key, message)


def a_message(**facts: Any) -> Message:
    return Message(**{"key": "order-1/shipped", "channel": "email", "recipient": "ann@shop.example", "template": "order_shipped", **facts})


def test_a_notifier_is_a_name_and_a_way_to_send():
    letterbox = Letterbox()
    letterbox.send(a_message())
    letterbox.send(a_message(facts={"number": "1"}))
    assert (isinstance(letterbox, Notifier), letterbox.letters) == (True, {"order-1/shipped": a_message()})


def test_a_message_shows_neither_recipient_nor_facts():
    shown = repr(a_message(facts={"name": "Ann"}))
    assert ("ann@" in shown, "Ann" in shown) == (False, False)


@pytest.mark.parametrize("facts", [{"key": ""}, {"recipient": ""}, {"template": None}, {"language": "e"}, {"facts": {"name": 1}}])
def test_a_message_without_what_it_needs_is_refused(facts: dict[str, Any]):
    with pytest.raises(InvalidValue):
        a_message(**facts)
