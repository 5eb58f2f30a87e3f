"""Tiers as a shop keeps them: from orders that are paid, refunded and canceled, whatever is delivered when and however often."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, CompleteOrder, DeliverShipment, DispatchShipment, Money, RefundOrder, ShipOrder, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows.growth.commands import EndTierGrants, GrantTier, RewardManually, TakeBackReward
from shopwright.flows.growth.following import CONSUMER, count_order
from shopwright.flows.growth.knowing import MemberBuyers
from shopwright.flows.points.commands import RedeemPoints
from shopwright.loyalty.growth import CountWhen, Growth
from shopwright.loyalty.growth_events import TierChanged
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.loyalty.tiering import TierCause
from shopwright.loyalty.tiers import AtLeast, Basis, Keep, Rolling, Tier, TierPolicy
from shopwright.members.events import GuestAdopted, MemberMerged
from shopwright.members.member import MemberAlias
from shopwright.orders.events import CancelReason
from shopwright.ports.people import Person
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Operation, Put, Record
from shopwright.promotions.basket import Buyer
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import GROWTH
from shopwright.wire.kinds import EVENTS, KINDS, POINTS, Consumer
from shopwright.wire.member_kinds import MEMBERS
from tests.flows.growing import paid_by
from tests.flows.grown import GROWN
from tests.flows.mall import CLERK, START, Mall, an_order, paid
from tests.flows.processes import Opener, opener, race

DAY = timedelta(days=1)


def a_mall(**ways: object) -> Mall:
    return Mall(MemoryStorage(KINDS), ways=ways)


def bought(mall: Mall, key: str) -> str:
    return paid(mall.shop, an_order(key=key)).id


def refund(mall: Mall, order_id: str, amount: int, key: str = "back") -> None:
    accepted(mall.shop.payments.refund(RefundOrder(key=key, by=CLERK, order_id=order_id, amount=Money(amount, "EUR"), reason="sorry")))


def account(mall: Mall) -> TierAccount:
    stored = mall.storage.load(TierAccount, "ann")
    assert stored is not None
    return stored.value


def tier(mall: Mall) -> str:
    return accepted(mall.shop.tiers.get("ann")).tier.id


def told(mall: Mall) -> list[tuple[str, str, TierCause]]:
    events = [it.value for it in mall.storage.read(GROWTH, after=BEGINNING, limit=100)]
    return [(it.before, it.tier, it.cause) for it in events if isinstance(it, TierChanged)]


def test_a_member_rises_with_what_is_paid_and_falls_with_what_goes_back():
    mall = a_mall()
    order_id = bought(mall, "o1")
    assert mall.shop.tiers.follow() > 0
    assert tier(mall) == "silver"

    mall.clock.advance(DAY)
    refund(mall, order_id, 1000)
    mall.shop.tiers.follow()
    assert tier(mall) == "basic"
    assert told(mall) == [("basic", "silver", TierCause.DESERVED), ("silver", "basic", TierCause.UNDONE)]
    assert [(it.tier, it.cause) for it in accepted(mall.shop.tiers.history("ann"))] == [
        ("basic", TierCause.JOINED),
        ("silver", TierCause.DESERVED),
        ("basic", TierCause.UNDONE),
    ]


def test_following_twice_or_from_the_beginning_again_changes_nothing():
    mall = a_mall()
    refund(mall, bought(mall, "o1"), 700)
    bought(mall, "o2")
    mall.shop.tiers.follow()
    before = account(mall)

    stored = mall.storage.load(Consumer, f"{CONSUMER}/{EVENTS}")
    rewound = Put(f"{CONSUMER}/{EVENTS}", Consumer(CONSUMER, EVENTS, ""), stored.version)
    mall.storage.commit(Changeset(Operation("rewind", "x"), START, puts=(rewound,)))
    assert mall.shop.tiers.follow() > 0
    assert account(mall) == before
    assert (before.orders, sum(it.spend for it in before.facts.deeds), sum(it.spend for it in before.facts.undone)) == (2, 9800, 700)


def test_orders_that_are_told_in_any_order_lead_to_the_same_tiers():
    histories = set()
    for turns in permutations(range(3)):
        mall = a_mall()
        ids = [bought(mall, f"o{number}") for number in range(3)]
        refund(mall, ids[1], 4900)
        for turn in turns:
            count_order(mall.shop.ports, ids[turn], at=mall.clock.now())
        histories.add((account(mall).standing.tier, account(mall).orders, accepted(mall.shop.tiers.history("ann"))))

    assert len(histories) == 1


def test_an_order_counts_once_it_is_complete_where_the_program_says_so():
    mall = a_mall(growth=evolve(GROWN, counts=CountWhen.COMPLETED))
    order_id = bought(mall, "o1")
    mall.shop.tiers.follow()
    assert tier(mall) == "basic"

    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order_id)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="out", by=CLERK, order_id=order_id, shipment_id="s1")))
    accepted(mall.shop.shipping.deliver(DeliverShipment(key="there", by=CLERK, order_id=order_id, shipment_id="s1")))
    mall.clock.advance(DAY)
    accepted(mall.shop.orders.complete(CompleteOrder(key="done", by=CLERK, order_id=order_id)))
    mall.shop.tiers.follow()
    assert tier(mall) == "silver"
    assert account(mall).standing.since == START + DAY


def test_a_canceled_order_counts_neither_as_an_order_nor_as_spent():
    mall = a_mall()
    order_id = bought(mall, "o1")
    mall.shop.tiers.follow()
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=order_id, reason=CancelReason.CUSTOMER)))
    mall.shop.tiers.follow()

    assert tier(mall) == "basic"
    assert account(mall).orders == 0


def test_what_was_paid_by_methods_that_are_left_out_does_not_count():
    mall = a_mall(growth=evolve(GROWN, leave_out=("card",)))
    bought(mall, "o1")
    mall.shop.tiers.follow()

    assert tier(mall) == "basic"
    assert account(mall).orders == 1


def test_a_tier_ends_by_the_clock_and_a_sweep_writes_it_down():
    mall = a_mall()
    bought(mall, "o1")
    mall.shop.tiers.follow()
    end = account(mall).next_at
    mall.clock.advance(end - START)
    looked = []

    assert tier(mall) == "basic"
    assert account(mall).standing.tier == "silver"
    assert mall.shop.tiers.sweep(progress=looked.append) == 1
    assert (account(mall).standing.tier, account(mall).standing.since, account(mall).next_at) == ("basic", end, None)
    assert mall.shop.tiers.sweep(progress=looked.append) == 0
    assert looked == [1]


def test_a_sweep_looks_at_nobody_whose_time_has_not_come():
    mall = a_mall()
    bought(mall, "o1")
    mall.shop.tiers.follow()
    looked = []

    assert mall.shop.tiers.sweep(progress=looked.append) == 0
    assert looked == []


def test_a_tier_can_be_given_by_hand_until_a_moment_or_taken_again():
    mall = a_mall()
    grant = GrantTier(key="vip", by=CLERK, member_id="ann", tier="gold", until=START + 10 * DAY, reason="waited long")
    assert accepted(mall.shop.tiers.grant(grant)).standing.tier == "gold"
    assert mall.shop.tiers.grant(grant) == account(mall)
    assert accepted(mall.shop.tiers.get("ann")).lost_at == START + 10 * DAY

    mall.clock.advance(DAY)
    assert accepted(mall.shop.tiers.end_grants(EndTierGrants(key="enough", by=CLERK, member_id="ann", reason="sold it"))).standing.tier == "basic"
    assert told(mall) == [("basic", "gold", TierCause.GRANTED), ("gold", "basic", TierCause.NOT_KEPT)]
    over = mall.shop.tiers.grant(evolve(grant, key="late", until=START))
    assert isinstance(over, Refusal)
    assert over.code == "grant_over"
    with pytest.raises(InvalidValue, match="there is no tier diamond"):
        mall.shop.tiers.grant(evolve(grant, key="odd", until=None, tier="diamond"))


class Registered:
    """Only Bob is a member, and lives in Tokyo."""

    def person(self, member_id: str) -> Person | None:
        return Person(zone="Asia/Tokyo", joined_at=START - 100 * DAY) if member_id == "bob" else None

    def born_on(self, days: frozenset[tuple[int, int]]) -> tuple[str, ...]:
        return ()


def test_who_is_no_member_has_no_tier():
    mall = a_mall(people=Registered())
    bought(mall, "o1")
    mall.shop.tiers.follow()

    assert mall.storage.load(TierAccount, "ann") is None
    for answer in (mall.shop.tiers.get("ann"), mall.shop.tiers.history("ann")):
        assert isinstance(answer, Refusal)
        assert answer.code == "member_unknown"
    assert accepted(mall.shop.tiers.get("bob")).standing.since == START - 100 * DAY


def test_a_guest_with_an_odd_id_keeps_nobody_from_being_counted():
    mall = a_mall()
    accepted(mall.shop.orders.place(evolve(an_order(key="odd"), buyer_id=" guest\t7 ", by=CLERK)))
    bought(mall, "o1")
    mall.shop.tiers.follow()

    assert tier(mall) == "silver"


def test_prices_and_promotions_know_a_member_by_the_tier_of_the_moment():
    mall = a_mall(people=Registered())
    accepted(mall.shop.tiers.grant(GrantTier(key="vip", by=CLERK, member_id="bob", tier="gold", until=START + DAY, reason="ours")))
    buyers = MemberBuyers(mall.storage, GROWN, Registered())

    joined = START - 100 * DAY
    assert buyers.known("bob", at=START) == Buyer("bob", tier="gold", orders=0, joined_at=joined, zone="Asia/Tokyo")
    assert buyers.known("bob", at=START + DAY).tier == "basic"
    assert buyers.known("ann", at=START) == Buyer("ann")


def test_a_shop_with_tiers_knows_its_buyers_by_them_unless_it_is_told_otherwise():
    shop = Shop(MemoryStorage(KINDS), growth=GROWN)

    assert shop.ports.buyers.known("ann", at=START).tier == "basic"
    with pytest.raises(InvalidValue, match="expected a Growth with tiers"):
        MemberBuyers(MemoryStorage(KINDS), Growth(currency="EUR"))


def test_without_tiers_a_shop_says_what_it_lacks():
    shop = Shop(MemoryStorage(KINDS))

    with pytest.raises(InvalidValue, match="this shop has no tiers"):
        shop.tiers.get("ann")


def _follow(open_: Opener, number: int, ready: Any) -> None:
    storage = open_()
    shop = Shop(storage, growth=GROWN)
    ready.wait()
    while shop.tiers.follow(at=START + DAY, limit=3):
        pass
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_workers_in_processes_count_each_order_once(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    open_ = opener(where, tmp_path, request)
    storage = open_()
    mall = Mall(storage)
    for number in range(3):
        command = evolve(an_order(key=f"o{number}"), buyer_id="ann", by=customer("ann"))
        refund(mall, paid(mall.shop, command).id, 100, key=f"back{number}")
    race(_follow, 3, open_)

    facts = account(mall).facts
    assert (account(mall).orders, sum(it.spend for it in facts.deeds), sum(it.spend for it in facts.undone)) == (3, 3 * 4900, 300)
    assert account(mall).standing.tier == "gold"
    assert len(told(mall)) == len(set(told(mall)))
    storage.close()




BY_POINTS = evolve(
    GROWN,
    tiers=TierPolicy(tiers=(Tier(id="basic"), Tier(id="silver", requires=AtLeast(Basis.POINTS, 100, Rolling(months=12)))), zone="UTC", keep=Keep.NOT),
)


def give(mall: Mall, points: int, key: str) -> None:
    accepted(mall.shop.growth.reward_manually(RewardManually(key=key, by=CLERK, member_id="ann", points=points, reason="why")))


def test_points_that_were_earned_count_whether_they_were_spent_or_not_and_those_taken_back_do_not():
    mall = a_mall(growth=BY_POINTS)
    give(mall, 60, "a")
    give(mall, 40, "b")
    spent = RedeemPoints(key="prize", by=customer("ann"), account_id=account_id("ann"), redemption_id="prize", points=90)
    accepted(mall.shop.points.redeem(spent))
    mall.shop.tiers.follow()
    assert tier(mall) == "silver"

    accepted(mall.shop.growth.take_back_reward(TakeBackReward(key="no", by=CLERK, member_id="ann", reward_id="manual/b", reason="twice")))
    mall.shop.tiers.follow()
    assert tier(mall) == "basic"
    stored = mall.storage.load(Consumer, f"{CONSUMER}/{POINTS}")
    rewound = Put(f"{CONSUMER}/{POINTS}", Consumer(CONSUMER, POINTS, ""), stored.version)
    before = account(mall)
    mall.storage.commit(Changeset(Operation("rewind", "x"), START, puts=(rewound,)))
    mall.shop.tiers.follow()
    assert account(mall) == before


def test_of_two_members_who_are_one_the_tiers_become_one():
    mall = a_mall()
    for who, key in (("ann", "o1"), ("ann", "o2"), ("bob", "o3")):
        paid_by(mall, who, key)
    mall.shop.tiers.follow()
    assert accepted(mall.shop.tiers.get("bob")).tier.id == "silver"

    mall.clock.advance(DAY)
    alias = Put("ann", MemberAlias(member_id="bob"))
    event = Record(MEMBERS, "ann", 1, MemberMerged(at=START, by=CLERK, into="bob"))
    mall.storage.commit(Changeset(Operation("merge", "x"), START, puts=(alias,), records=(event,)))
    mall.shop.tiers.follow()

    assert accepted(mall.shop.tiers.get("bob")).tier.id == "gold"
    assert mall.shop.tiers.get("ann") == mall.shop.tiers.get("bob")
    assert [it.tier for it in accepted(mall.shop.tiers.history("bob"))] == ["silver", "gold"]
    assert (account(mall).merged_into, account(mall).orders, account(mall).next_at) == ("bob", 0, None)
    assert mall.shop.ports.storage.load(TierAccount, "bob").value.orders == 3
    assert [id for id, _ in mall.shop.tiers.everyone()] == ["bob"]


def test_what_a_guest_ordered_counts_once_the_guest_is_a_member():
    mall = a_mall(people=Registered())
    order_id = bought(mall, "o1")
    mall.shop.tiers.follow()
    alias = Put("ann", MemberAlias(member_id="bob"))
    event = Record(MEMBERS, "bob", 1, GuestAdopted(at=START, by=CLERK, guest_id="ann"))
    mall.storage.commit(Changeset(Operation("adopt", "x"), START, puts=(alias,), records=(event,)))
    mall.shop.tiers.follow()
    assert accepted(mall.shop.tiers.get("bob")).tier.id == "silver"

    mall.clock.advance(DAY)
    refund(mall, order_id, 1000)
    mall.shop.tiers.follow()
    assert accepted(mall.shop.tiers.get("bob")).tier.id == "basic"


def test_everyone_is_told_one_after_the_other():
    mall = a_mall()
    for number in range(3):
        paid_by(mall, f"m{number}", f"o{number}")
    mall.shop.tiers.follow()
    looked = []

    assert [(id, it.tier.id) for id, it in mall.shop.tiers.everyone(progress=looked.append)] == [(f"m{number}", "silver") for number in range(3)]
    assert looked == [3]
