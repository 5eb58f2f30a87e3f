"""Somebody who is told what happens: keeps it by the id of the notice, and stumbles when a test says so."""

from __future__ import annotations

from collections import deque

from shopwright.ports.outlets import Notice


class Ear:
    """An outlet called `erp`. `heard` has each notice once, `times` the ids as often as they came, in that order."""

    name = "erp"

    def __init__(self) -> None:
        self.heard: dict[str, Notice] = {}
        self.times: list[str] = []
        self.deaf_to: set[str] = set()
        self.troubles: deque[Exception] = deque()

    def send(self, notice: Notice) -> None:
        """Take it, or stumble: about a key that it is deaf to always, and otherwise over the next trouble, if there is one."""
        if notice.key in self.deaf_to:
            raise ValueError(f"nobody should read of {notice.key}")
        if self.troubles:
            raise self.troubles.popleft()
        assert self.heard.setdefault(notice.id, notice).body == notice.body, "one id is one notice"
        self.times.append(notice.id)

    def about(self, key: str) -> list[int]:
        """The numbers of what was heard about one key, in the order in which each was heard first."""
        return [notice.number for notice in self.heard.values() if notice.key == key]
