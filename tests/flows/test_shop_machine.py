"""A shop in the hands of people who do anything at any time, a provider that answers as it likes, and a process that dies anywhere:
no cent, no unit, no coupon use is ever lost or made, and every order comes to an end or waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from attrs import frozen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shopwright import Refusal, Terms, Via
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.terms import ApprovalRule, CaptureWhen, ReturnUses
from shopwright.ports.storage import Storage
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.deeds import COMMANDS, FATES, Deed, Wish, befall, command, place, send
from tests.flows.giving import GIVING
from tests.flows.laws import check_always, check_end
from tests.flows.mall import CLERK
from tests.flows.risk.scenes import SEVERE
from tests.flows.town import STOCK, Town
from tests.flows.vaulted import VAULTED
from tests.surroundings import tries

TERMS = (
    Terms(),
    Terms(capture=CaptureWhen.ON_DISPATCH),
    Terms(capture=CaptureWhen.AS_DISPATCHED),
    Terms(approval=ApprovalRule(nobody=True)),
    Terms(approval=ApprovalRule(max_total=3000, on_delivery=False)),
    Terms(return_uses=ReturnUses.REFUNDED),
    Terms(return_uses=ReturnUses.RETURNED),
)

TOKENS = (
    "tok_ok",
    "tok_declined",
    "tok_redirect",
    "tok_redirect+insufficient_funds",
    "tok_redirect+slow",
    "tok_slow",
    "tok_review",
    "tok_chargeback",
    "tok_lost_applied",
    "tok_lost_not_applied",
    "tok_not_sent",
    "tok_throttled",
    "tok_ok+refund_slow",
    "tok_ok+refund_fails_late",
    "tok_ok+refund_lost_applied",
    "tok_ok+capture_lost_applied+void_lost_applied",
    "tok_ok+capture_declined",
    "tok_redirect+void_lost_applied",
    "tok_slow+query_lost_not_applied",
)


@frozen
class Meddle:
    """What happens around one call of a command: the process dies (and the command is sent again, or not), or somebody else acts."""

    call: int
    after: bool
    crash: bool = False
    again: bool = False
    deed: Deed | None = None
    fate: Deed | None = None
    sweep: bool = False
    post: bool = False


deeds = st.builds(Deed, st.sampled_from(sorted(COMMANDS)), st.integers(0, 2), st.integers(0, 7))
fates = st.builds(Deed, st.sampled_from(sorted(FATES)), st.integers(0, 2), st.integers(0, 34))
wishes = st.builds(
    Wish,
    token=st.sampled_from(TOKENS),
    teas=st.integers(0, 2),
    cups=st.integers(1, 2),
    coupon=st.sampled_from(("", "", "", "SPRING", "GIFT")),
    via=st.sampled_from((Via.GATEWAY, Via.GATEWAY, Via.GATEWAY, Via.ON_DELIVERY)),
    capture=st.booleans(),
    voucher=st.sampled_from((0, 0, 500)),
)
meddles = st.none() | st.builds(
    Meddle,
    st.integers(1, 16),
    st.booleans(),
    crash=st.booleans(),
    again=st.booleans(),
    deed=st.none() | deeds,
    fate=st.none() | fates,
    sweep=st.booleans(),
    post=st.booleans(),
)


class ShopMachine(RuleBasedStateMachine):
    """Anything may happen next."""

    town: Town
    more: ClassVar[Mapping[str, Any]] = {}
    stock = STOCK

    @initialize(terms=st.sampled_from(TERMS), first=wishes, second=wishes, gives=st.booleans(), seals=st.booleans(), judges=st.booleans())
    def opens(self, terms: Terms, first: Wish, second: Wish, gives: bool, seals: bool, judges: bool) -> None:
        ways = (GIVING if gives else {}) | (VAULTED if seals else {}) | (SEVERE if judges else {}) | dict(self.more)
        self.town = Town(self.storage(), terms, ways=ways, stock=self.stock)
        self.count = 0
        self.begun()
        for wish in (first, second):
            self.somebody_buys(wish, None, pays=True)

    def storage(self) -> Storage:
        return MemoryStorage(KINDS)

    def begun(self) -> None:
        """What happens before anybody buys."""

    def _key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def _meddled(self, act: Callable[[], Any], meddle: Meddle | None) -> None:
        if meddle is None:
            act()
            return
        if not meddle.crash:
            self.town.meddling.meddle_at(meddle.call, lambda: self._between(meddle), after=meddle.after)
            act()
            self.town.meddling.heal()
            return
        self.town.meddling.crash_at(meddle.call, after=meddle.after)
        try:
            act()
        except Crash:
            self.town.meddling.heal()
            if meddle.again:
                act()
        self.town.meddling.heal()

    def _between(self, meddle: Meddle) -> None:
        if meddle.fate is not None:
            befall(self.town, meddle.fate)
        if meddle.post:
            self.town.deliver_all(again=False)
        if meddle.deed is not None:
            self._do(self.town.other, meddle.deed)
        if meddle.sweep:
            self.town.other.orders.sweep()

    def _do(self, shop: Any, deed: Deed, key: str = "") -> None:
        orders = self.town.orders()
        if not orders:
            return
        found = command(orders[deed.which % len(orders)], deed, key or self._key(), self.town.clock.now())
        if found is not None:
            send(shop, *found)

    @rule(wish=wishes, meddle=meddles, pays=st.booleans())
    def somebody_buys(self, wish: Wish, meddle: Meddle | None, pays: bool) -> None:
        key = self._key()
        self._meddled(lambda: place(self.town.shop, wish, key), meddle)
        order = place(self.town.other, wish, key)
        if pays and not isinstance(order, Refusal):
            found = command(order, Deed("pay"), self._key(), self.town.clock.now())
            assert found is not None
            send(self.town.shop, *found)

    @rule(deed=deeds, meddle=meddles)
    def somebody_acts(self, deed: Deed, meddle: Meddle | None) -> None:
        orders = self.town.orders()
        if not orders:
            return
        found = command(orders[deed.which % len(orders)], deed, self._key(), self.town.clock.now())
        if found is not None:
            self._meddled(lambda: send(self.town.shop, *found), meddle)

    @rule(which=st.integers(0, 2), carried=st.booleans())
    def goods_go(self, which: int, carried: bool) -> None:
        for verb in ("ship", "dispatch", "deliver"):
            self._do(self.town.shop, Deed(verb, which, 2 if carried else 0))

    @rule(meddle=meddles)
    def the_buyer_is_forgotten(self, meddle: Meddle | None) -> None:
        erase = ErasePerson(key=self._key(), by=CLERK, subject="ann")
        self._meddled(lambda: self.town.shop.persons.erase(erase), meddle)

    @rule(fate=fates)
    def something_happens(self, fate: Deed) -> None:
        befall(self.town, fate)

    @rule(span=st.sampled_from((timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=31), timedelta(days=1), timedelta(days=8))))
    def time_passes(self, span: timedelta) -> None:
        self.town.clock.advance(span)

    @rule(meddle=meddles)
    def the_shop_sweeps(self, meddle: Meddle | None) -> None:
        self._meddled(self.town.shop.orders.sweep, meddle)

    @rule(seed=st.integers(0, 3), twice=st.booleans(), meddle=meddles)
    def letters_arrive(self, seed: int, twice: bool, meddle: Meddle | None) -> None:
        town = self.town
        town.collect()
        Random(seed).shuffle(town.bag)
        some, town.bag = town.bag[: len(town.bag) // 2 + 1], town.bag[len(town.bag) // 2 + 1 :]
        parcels, town.parcels = town.parcels, []

        def arrive() -> None:
            for raw in some * (2 if twice else 1):
                town.shop.payments.receive("fake", raw)
            for raw in parcels:
                town.shop.shipping.receive("flat_rate", raw)

        self._meddled(arrive, meddle)

    @invariant()
    def the_laws_hold(self) -> None:
        if hasattr(self, "town"):
            check_always(self.town)

    def teardown(self) -> None:
        if hasattr(self, "town"):
            try:
                self.town.heal()
                check_end(self.town)
            finally:
                self.town.storage.close()


class OnDisk(ShopMachine):
    """The same on SQLite."""

    def storage(self) -> Storage:
        self.folder = TemporaryDirectory()
        return SqliteStorage.open(Path(self.folder.name) / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "folder"):
                self.folder.cleanup()


PACE = settings(stateful_step_count=25, suppress_health_check=list(HealthCheck))
TestShop = ShopMachine.TestCase
TestShop.settings = settings(PACE, max_examples=tries(40, full=80))
TestShopOnDisk = OnDisk.TestCase
TestShopOnDisk.settings = settings(PACE, max_examples=8)


@pytest.mark.full
def test_a_shop_in_the_hands_of_many_more_people() -> None:
    run_state_machine_as_test(ShopMachine, settings=settings(PACE, max_examples=2_000))
