"""Two at once: in one process call by call, as the worst timing would have it, and in threads, as chance has it. Whatever comes of
it, no cent, unit, coupon use or booking is lost or made, and the order comes to an end or waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.ports.storage import Storage
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.deeds import Deed
from tests.flows.laws import check_always, check_end
from tests.flows.situations import DEEDS, EVENTS, POST, SITUATIONS, SWEEP, do
from tests.flows.town import Town, die

NEWS_BY_LETTER_ALONE = frozenset({"charge_back", "reverse_chargeback", "fail_refund", "refund_at_desk", "open_review", "close_review", "post"})
"""What a shop can only hear by letter."""

SCRIPTS = (
    None,
    *(("start", word) for word in ("lost_applied", "lost_not_applied", "not_sent")),
    *(("capture", word) for word in ("lost_applied", "lost_not_applied", "declined")),
    *(("void", word) for word in ("lost_applied", "lost_not_applied", "declined")),
    *(("refund", word) for word in ("lost_applied", "lost_not_applied", "declined", "slow")),
    ("query", "lost_not_applied"),
)

Script = tuple[str, str] | None

TIMELESS = evolve(EVERYTHING, auth_ttl=None)
"""A provider whose promises never lapse: that they did is told by letter, or when somebody wants to take the money."""

moments = {
    "name": st.sampled_from(sorted(SITUATIONS)),
    "deed": st.sampled_from(DEEDS),
    "call": st.integers(1, 10),
    "after": st.booleans(),
    "script": st.sampled_from(SCRIPTS),
}


class Terse:
    """A gateway whose provider's letters do not tell all that they could."""

    def __init__(self, gateway: FakeGateway, *, silent: str) -> None:
        self._gateway, self._silent = (
            gateway,
            {"totals": {"totals": None}, "amounts": {"totals": None, "amount": None}, "keys": {"our_key": None}}[silent],
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def parse_notification(self, raw: RawNotification) -> Notification:
        heard = self._gateway.parse_notification(raw)
        return evolve(heard, events=tuple(evolve(event, **self._silent) for event in heard.events))


def _in_between(name: str, deed: Deed, when: tuple[int, bool], script: Script, meddle: Callable[[Town], Any], *, letters: str = "all") -> None:
    gateway = (lambda it: it) if letters in {"all", "none"} else (lambda it: Terse(it, silent=letters))
    town = SITUATIONS[name].arise(MemoryStorage(KINDS), able=EVERYTHING if letters != "none" else TIMELESS, gateway=gateway)
    if script is not None:
        town.provider.script(*script)
    town.meddling.meddle_at(when[0], lambda: meddle(town), after=when[1])
    try:
        do(town, town.shop, deed, "deed")
    except Crash:
        check_always(town)
    town.heal(letters=letters != "none")
    check_end(town)


@given(**moments, event=st.sampled_from(EVENTS))
@settings(max_examples=250)
def test_whatever_happens_between_two_calls_of_a_flow_the_laws_hold(
    name: str, deed: Deed, call: int, after: bool, script: Script, event: Deed
) -> None:
    _in_between(name, deed, (call, after), script, lambda town: do(town, town.other, event, "event"))


@given(**moments)
@settings(max_examples=120)
def test_a_flow_that_dies_at_any_call_and_is_never_repeated_is_brought_to_its_end_by_sweeps_and_letters(
    name: str, deed: Deed, call: int, after: bool, script: Script
) -> None:
    _in_between(name, deed, (call, after), script, lambda _: die())


SILENT = sorted(name for name in SITUATIONS if name not in {"disputed", "a refund will come back"})


@given(**{**moments, "name": st.sampled_from(SILENT)}, event=st.sampled_from([event for event in EVENTS if event.verb not in NEWS_BY_LETTER_ALONE]))
@settings(max_examples=120)
def test_a_shop_that_never_gets_a_letter_finds_out_by_asking(name: str, deed: Deed, call: int, after: bool, script: Script, event: Deed) -> None:
    _in_between(name, deed, (call, after), script, lambda town: do(town, town.other, event, "event"), letters="none")


@given(**moments, event=st.sampled_from(EVENTS), unsaid=st.sampled_from(["totals", "amounts", "keys"]))
@settings(max_examples=120)
def test_letters_that_do_not_tell_all_are_enough(name: str, deed: Deed, call: int, after: bool, script: Script, event: Deed, unsaid: str) -> None:
    _in_between(name, deed, (call, after), script, lambda town: do(town, town.other, event, "event"), letters=unsaid)


def test_a_buyer_who_paid_on_a_page_that_is_replaced_is_found_though_the_gateway_was_silent_when_asked_how_that_stands() -> None:
    name, deed, silence = "the buyer has paid on the page", Deed("replace", part=2), ("query", "lost_not_applied")
    _in_between(name, deed, (1, False), silence, lambda town: None, letters="none")


def test_a_payment_is_not_taken_for_unbegun_while_the_call_that_begins_it_is_on_its_way() -> None:
    canceled = Deed("cancel")
    _in_between("placed", Deed("pay"), (2, True), ("start", "lost_applied"), lambda town: do(town, town.other, canceled, "event"), letters="none")


Open = Callable[[], Storage]


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def worlds(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """How to get an empty storage of each kind."""
    if request.param == "memory":
        yield lambda: MemoryStorage(KINDS)
        return
    with ExitStack() as stack:
        shared: Any
        if request.param == "sqlite":
            shared = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
        else:
            from shopwright.adapters.postgres.storage import PostgresStorage

            shared = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
        stack.callback(shared.close)
        numbers = count(1)
        yield lambda: shared.scoped(f"town-{next(numbers)}")


RACES = (
    ("placed", Deed("pay"), Deed("cancel")),
    ("placed", Deed("pay"), Deed("pay")),
    ("unpaid for too long", Deed("pay"), SWEEP),
    ("the buyer has paid on the page", SWEEP, POST),
    ("the buyer has paid on the page", Deed("refresh"), POST),
    ("the buyer has paid on the page", Deed("cancel"), POST),
    ("the buyer is on the page", Deed("replace", part=0), Deed("cancel")),
    ("the answer is lost", Deed("refresh"), SWEEP),
    ("promised", Deed("capture"), Deed("cancel")),
    ("paid", Deed("refund", part=2), Deed("refund", part=2)),
    ("paid", Deed("refund", part=2), Deed("cancel")),
    ("paid", Deed("ship", part=2), Deed("cancel")),
    ("paid with a coupon", Deed("cancel"), Deed("cancel")),
    ("placed with a gift", Deed("pay"), Deed("cancel")),
    ("unpaid for too long with a gift", Deed("pay"), SWEEP),
    ("paid with a gift", Deed("ship_gift"), Deed("cancel")),
    ("a refund is under way", SWEEP, SWEEP),
    ("booked in part", Deed("dispatch"), Deed("unplan")),
    ("a part has left", Deed("deliver"), Deed("cancel")),
    ("cash on delivery", Deed("record"), Deed("cancel")),
)


@pytest.mark.parametrize(("name", "one", "other"), RACES, ids=lambda it: it.verb if isinstance(it, Deed) else it)
@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=pytest.mark.full)])
def test_two_threads_race_and_the_laws_hold(worlds: Open, name: str, one: Deed, other: Deed, rounds: int) -> None:
    for _ in range(rounds):
        town = SITUATIONS[name].arise(worlds())
        _race(town, one, other)
        town.heal()
        check_end(town)


def _race(town: Town, *deeds: Deed) -> None:
    start, errors = Barrier(len(deeds)), list[BaseException]()

    def run(number: int, deed: Deed) -> None:
        shop = town.opened(lambda port: port)
        start.wait()
        try:
            do(town, shop, deed, f"racer{number}")
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
