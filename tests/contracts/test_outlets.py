"""Our outlets keep the contract of the port, and a kit that every outlet passes proves nothing: each of these breaks one promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.outlets import CallOutlet
from shopwright.adapters.troubles import Trouble, after, before
from shopwright.errors import ShopwrightError
from shopwright.ports.outlets import Notice
from shopwright.testing.outlet_contract import Arrived, OutletContract


class CallStage:
    """A function that hands over to a list, which outlives the process."""

    secrets = ("pw_1234",)

    def __init__(self, make: Callable[[str, Callable[[Notice], object]], Any] = CallOutlet) -> None:
        self._make, self._kept, self._trouble = make, list[Arrived](), list[Trouble]()
        self.outlet = self.again()

    def again(self) -> Any:
        return self._make("queue", self._take)

    def arrived(self) -> list[Arrived]:
        return self._kept

    def strike(self, trouble: Trouble) -> None:
        self._trouble.append(trouble)

    def _take(self, notice: Notice) -> None:
        trouble = self._trouble.pop() if self._trouble else None
        before(trouble)
        self._kept.append(Arrived(notice.id, notice.key, notice.body))
        after(trouble)


class TestCalls(OutletContract):
    def make_outlet(self) -> CallStage:
        return CallStage()


class Forgets(CallOutlet):
    def send(self, notice: Notice) -> None:
        """Nothing happens."""


class CutsShort(CallOutlet):
    def send(self, notice: Notice) -> None:
        super().send(evolve(notice, body=notice.body[:1_000]))


class Renames(CallOutlet):
    def send(self, notice: Notice) -> None:
        super().send(evolve(notice, id=f"{id(self)}"))


class Swallows(CallOutlet):
    def send(self, notice: Notice) -> None:
        try:
            super().send(notice)
        except ShopwrightError:
            return


class Shouts(CallOutlet):
    def __init__(self, name: str, deliver: Callable[[Notice], object]) -> None:
        super().__init__(name.upper(), deliver)


class TellsItsPassword(CallOutlet):
    def __repr__(self) -> str:
        return "TellsItsPassword(pw_1234)"


BREAKS = {
    Forgets: "test_a_notice_has_arrived_whole_when_send_returns",
    CutsShort: "test_a_notice_has_arrived_whole_when_send_returns",
    Renames: "test_a_notice_that_is_sent_again_has_the_id_of_the_first",
    Swallows: "test_a_notice_in_trouble_is_told_apart_and_arrives_when_it_is_sent_again",
    Shouts: "test_the_name_is_a_slug_and_the_same_after_a_restart",
    TellsItsPassword: "test_nothing_that_is_printed_shows_a_secret",
}
GIVEN: dict[str, tuple[Any, ...]] = {
    "test_a_notice_has_arrived_whole_when_send_returns": (b"x" * 200_000,),
    "test_a_notice_in_trouble_is_told_apart_and_arrives_when_it_is_sent_again": (Trouble.LOST_NOT_APPLIED,),
}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda kind: kind.__name__)
def test_the_kit_finds_what_breaks_a_promise(broken: type[CallOutlet]) -> None:
    class Kit(OutletContract):
        def make_outlet(self) -> CallStage:
            return CallStage(broken)

    name = BREAKS[broken]
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Kit(), name)(*GIVEN.get(name, ()))
