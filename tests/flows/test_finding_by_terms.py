"""Orders found by the index of their terms: rare ones without a look at the others, phones that are sealed, members under every id of theirs."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import Order, Refusal, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.finding import candidates
from shopwright.flows.finding.commands import TagOrder
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.finding import OrderFilter
from shopwright.orders.standing import Standing
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Query
from shopwright.wire.finding_kinds import OrderTerm, OrderTerms
from shopwright.wire.kinds import KINDS
from tests.flows.found import index_of, one, recorded, selling
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid, placed
from tests.flows.membering import merging, two_records
from tests.flows.vaulted import ROTATED, VAULTED, rotated

MANY = 1_200
PHONE = "+49 30 90-18 20"


def followed(mall: Mall) -> None:
    """Follow to the end."""
    while mall.shop.orders.follow(limit=1_000):
        pass


@pytest.fixture(scope="module")
def many() -> Mall:
    """An odd order, one in yen, one with a phone, and many that are alike, all of them followed."""
    mall = Mall(MemoryStorage(KINDS))
    odd = selling(one(0, channel="fair"), "RARE", "Tea with Cinnamon")
    dear = evolve(one(1, channel="web"), currency="JPY")
    reached = one(2, channel="web")
    reached = evolve(reached, ship_to=evolve(reached.ship_to, phone=PHONE))
    recorded(mall.storage, odd, dear, reached, *[one(number, channel="web") for number in range(3, MANY)])
    followed(mall)
    return mall


RARE = {
    "sku": (OrderFilter(sku="RARE"), 0),
    "word": (OrderFilter(words="CINNAMON"), 0),
    "part of a word": (OrderFilter(words="nnamo tea"), 0),
    "channel": (OrderFilter(channel="fair"), 0),
    "with what is not rare": (OrderFilter(currency="EUR", least=1, words="tea rare"), 0),
    "currency": (OrderFilter(currency="JPY"), 1),
    "phone": (OrderFilter(phone_tail="1820", channel="web"), 2),
    "number as a word": (OrderFilter(words="n000007"), 7),
}


@pytest.mark.parametrize("name", RARE)
def test_what_is_rare_is_found_without_a_look_at_what_is_not(many: Mall, name: str) -> None:
    """FIND-10"""
    wanted, number = RARE[name]
    found = many.shop.orders.search(wanted)

    assert ([order.id for order in found.orders], found.looked, found.next) == ([f"o{number:06}"], 1, "")


def test_what_nobody_has_is_not_found_without_a_look_at_any_order(many: Mall) -> None:
    """FIND-10"""
    for wanted in (OrderFilter(sku="none"), OrderFilter(words="cinnamons"), OrderFilter(phone_tail="0000"), OrderFilter(channel="web", sku="none")):
        found = many.shop.orders.search(wanted)
        assert (found.orders, found.looked, found.next) == ((), 0, "")


def test_a_rare_order_costs_as_few_calls_of_the_storage_among_many_as_among_few(many: Mall) -> None:
    """FIND-10"""
    few = Mall(MemoryStorage(KINDS))
    recorded(few.storage, selling(one(0), "RARE", "Tea"), one(1))
    followed(few)

    def calls(mall: Mall) -> list[str]:
        mall.faults.heal()
        assert len(mall.shop.orders.search(OrderFilter(sku="RARE")).orders) == 1
        return mall.faults.calls

    assert calls(many) == calls(few)


def test_what_happened_since_the_index_followed_is_found_too(many: Mall) -> None:
    """FIND-10"""
    mall = Mall(MemoryStorage(KINDS))
    recorded(mall.storage, *[one(number) for number in range(20)])
    followed(mall)
    late = selling(one(30), "RARE", "Tea")
    recorded(mall.storage, late)

    assert mall.shop.orders.search(OrderFilter(sku="RARE")).orders == (late,)
    followed(mall)
    assert mall.shop.orders.search(OrderFilter(sku="RARE")).looked == 1


def test_an_order_is_found_by_its_tags_as_they_come_and_go(mall: Mall) -> None:
    """FIND-10, TAG-2"""
    order, _ = paid(mall.shop), paid(mall.shop, evolve(an_order(), key="other"))
    followed(mall)
    mine = OrderFilter(tag="VIP")
    looks: list[tuple[list[str], int]] = []
    for number, change in enumerate(({"add": ("vip", "wrap")}, {"remove": ("vip",)})):
        accepted(mall.shop.orders.tag(TagOrder(key=f"tag-{number}", by=CLERK, order_id=order.id, **change)))
        for _ in ("before it was followed", "and after"):
            found = mall.shop.orders.search(mine)
            looks.append(([it.id for it in found.orders], found.looked))
            followed(mall)

    assert looks == [([order.id], 1), ([order.id], 1), ([], 1), ([], 0)]


def test_an_order_whose_events_cannot_be_read_yet_is_found_too(mall: Mall) -> None:
    """FIND-10"""
    recorded(mall.storage, one(0))
    followed(mall)
    hidden = selling(one(1), "RARE", "Tea")
    mall.storage.commit(Changeset(Operation("hidden", "keep"), START, puts=(Put(hidden.id, hidden),)))

    assert mall.shop.orders.search(OrderFilter(sku="RARE")).orders == (hidden,)


def test_an_index_that_is_too_far_behind_is_not_asked(mall: Mall) -> None:
    """FIND-10"""
    recorded(mall.storage, selling(one(0), "RARE", "Tea"), one(1))
    followed(mall)
    more = [one(number) for number in range(2, 2 + candidates.MOST_BEHIND)]
    recorded(mall.storage, *more)

    assert mall.shop.orders.search(OrderFilter(sku="RARE")).looked == len(more) + 2


def test_standings_that_few_orders_have_are_found_by_them_rather_than_by_a_term_of_all(many: Mall) -> None:
    wanted = OrderFilter(channel="web", standings=frozenset({Standing.IN_REVIEW}))

    assert many.shop.orders.search(wanted).looked == 0


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def reached(mall: Mall, key: str = "o1") -> Order:
    """An order that goes to somebody with a phone."""
    command = an_order(key=key)
    return paid(mall.shop, evolve(command, ship_to=evolve(command.ship_to, phone=PHONE)))


BY_PHONE = OrderFilter(phone_tail="1820")


def test_a_phone_that_is_sealed_is_found_by_its_end_with_an_index_and_without(mall: Mall) -> None:
    """FIND-7"""
    order = reached(mall)
    assert order.ship_to.sealed is not None
    assert mall.shop.orders.search(BY_PHONE).orders == (order,)
    followed(mall)

    assert mall.shop.orders.search(BY_PHONE).orders == (order,)
    assert mall.shop.orders.search(OrderFilter(phone_tail="8201")).orders == ()
    assert not any("1820" in repr(it) for it in mall.storage.find(Query(OrderTerms)).items)


def test_a_phone_is_found_while_and_after_the_keys_of_the_vault_are_rotated(mall: Mall) -> None:
    """FIND-7"""
    order = reached(mall)
    followed(mall)
    shop = rotated(mall)
    shop.persons.rotate()
    assert shop.orders.search(BY_PHONE).orders == (order,)
    shop.orders.rebuild()
    mall.ways = {**mall.ways, "vault": ROTATED}

    assert mall.reopened().orders.search(BY_PHONE).orders == (order,)
    assert index_of(mall)


def test_nothing_of_a_phone_is_kept_of_somebody_who_was_erased(mall: Mall) -> None:
    """FIND-7"""
    reached(mall)
    followed(mall)
    before = len(mall.storage.find(Query(OrderTerm, limit=100)).items)
    accepted_erasure = mall.shop.persons.erase(ErasePerson(key="erase", by=ANN, subject="ann"))
    assert not isinstance(accepted_erasure, Refusal)

    assert len(mall.storage.find(Query(OrderTerm, limit=100)).items) == before - 1
    assert [it.value.phones for it in mall.storage.find(Query(OrderTerms)).items] == [()]
    mall.shop.orders.rebuild()
    assert [it.value.phones for it in mall.storage.find(Query(OrderTerms)).items] == [()]
    assert mall.shop.orders.search(BY_PHONE).orders == ()


def test_orders_of_a_member_are_found_under_every_id_that_is_theirs(mall: Mall) -> None:
    """FIND-6"""
    two_records(mall)  # with an order of Ann's
    orders = [placed(mall.shop, evolve(an_order(key=id), buyer_id=id, by=customer(id))) for id in ("ann", "lee")]
    assert [len(mall.shop.orders.search(OrderFilter(), by=customer(id)).orders) for id in ("ann", "lee")] == [2, 1]
    accepted(mall.shop.members.merge(merging()))

    found = mall.shop.orders.search(OrderFilter(), by=ANN).orders
    assert (len(found), {order.id for order in found} >= {order.id for order in orders}) == (3, True)
    assert mall.shop.orders.search(OrderFilter(buyer_id="ann")).orders == found
    assert [order.buyer_id for order in mall.shop.orders.search(OrderFilter(buyer_id="lee"), by=ANN).orders] == ["lee"]
    assert mall.shop.orders.search(OrderFilter(buyer_id="ann"), by=customer("bob")).orders == ()


def test_who_follows_at_once_with_another_keeps_the_index_whole(mall: Mall) -> None:
    """FIND-9"""
    for key in ("o1", "o2", "o3"):
        reached(mall, key)
    other = mall.reopened()
    while mall.shop.orders.follow(limit=3) + other.orders.follow(limit=2):
        pass

    assert len(index_of(mall)["terms"]) == 3


def test_an_index_that_is_made_anew_mends_what_was_lost(mall: Mall) -> None:
    order = reached(mall)
    followed(mall)
    lost = [Drop(OrderTerm, it.value.spot) for it in mall.storage.find(Query(OrderTerm, limit=100)).items]
    mall.storage.commit(Changeset(Operation("lose", "lose"), START, drops=tuple(lost)))
    assert mall.shop.orders.search(OrderFilter(sku="TEA")).orders == ()
    told: list[tuple[str, int]] = []

    events = mall.shop.orders.rebuild(progress=lambda what, count: told.append((what, count)))

    assert told == [("orders", events)]
    assert mall.shop.orders.search(OrderFilter(sku="TEA")).orders == (order,)
