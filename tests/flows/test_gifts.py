"""Gifts, points and coupons that promotions give with an order: frozen on it, taken from stock, never in the way of the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, PayOrder, PlaceOrder, Product, PutProduct, ReceiveStock, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows import commands as c
from shopwright.orders.events import OrderPlaced
from shopwright.orders.grants import Promise, PromiseState, promises
from shopwright.orders.lines import Buckets
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Query, Storage
from shopwright.pricing import Grant, GrantKind, disagreements, explain, replay
from shopwright.pricing.gifts import GivenBy
from shopwright.promotions.conditions import CartTotal
from shopwright.promotions.effects import AcrossOff
from shopwright.promotions.extras import Extra, IfGone
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from shopwright.promotions.telling import tell
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, refused

MUG = Product(sku="MUG", title="A mug", seller_id="house", prices=())  # given, never sold
GIVE = Promotion(id="mug", effects=(Extra(gifts=(Gift("MUG"),)),), version=2, title="A mug for you")
BOX = Promotion(
    id="box", effects=(AcrossOff(Money(500, "EUR")), Extra(gifts=(Gift("MUG", 2),), points=50, points_rate=20_000, coupons=("next-time",)))
)


def a_shop(*promotions: Promotion, mugs: int = 1, storage: Storage | None = None) -> tuple[Mall, Shop]:
    """A mall with so many mugs to give away, and a shop in it with promotions."""
    mall = Mall(storage or MemoryStorage(KINDS))
    accepted(mall.shop.goods.put(PutProduct(key="put-mug", by=CLERK, product=MUG)))
    if mugs:
        accepted(mall.shop.goods.receive(ReceiveStock(key="mugs", by=CLERK, sku="MUG", quantity=mugs)))
    return mall, another(mall, *promotions)


def another(mall: Mall, *promotions: Promotion, seed: int = 0) -> Shop:
    """One more shop in this mall."""
    return Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(seed), promotions=promotions)


def asked(total: int = 4900, *, key: str = "o1") -> PlaceOrder:
    """Two teas and a cup, and what Ann thinks they cost."""
    command = an_order(key=key)
    return evolve(command, tenders=(evolve(command.tenders[0], amount=total),))


def stock(mall: Mall, sku: str = "MUG") -> Quota:
    return mall.storage.quota((f"stock/{sku}",), at=mall.clock.now())[f"stock/{sku}"]


def the_placing(shop: Shop, order: Order) -> OrderPlaced:
    """The event that placed an order."""
    (event,) = [record.value for record in shop.orders.history(order.id) if isinstance(record.value, OrderPlaced)]
    return event


def made_again(shop: Shop, order: Order) -> tuple[str, ...]:
    """Where the price of an order, made again from what was frozen, differs from it."""
    placing = the_placing(shop, order)
    return disagreements(placing, replay(placing, at=placing.at))


def pay(shop: Shop, order: Order) -> Order:
    return accepted(shop.payments.pay(PayOrder(key=f"pay-{order.id}", by=ANN, order_id=order.id)))


def told(shop: Shop, order: Order) -> list[str]:
    """What the trace of an order says of gifts and grants."""
    trace = the_placing(shop, order).trace
    return list(explain(tuple(entry for entry in trace if entry.step in {"gift", "grant"}), currency="EUR"))[:-1]


def test_a_gift_is_a_line_after_those_of_the_cart_with_nothing_to_pay_on_it() -> None:  # GIFT-1
    _, shop = a_shop(GIVE)

    quote = accepted(shop.orders.quote(asked()))
    (gift,) = quote.gifts

    assert (gift.line_no, gift.sku, gift.title, gift.quantity, gift.given_by) == (3, "MUG", "A mug", 1, GivenBy("mug", 2))
    assert (gift.unit_price, gift.subtotal, gift.discount, gift.shipping, gift.tax, gift.total) == (0, 0, 0, 0, 0, 0)
    assert (quote.total, quote.stock_wanted()) == (4900, (("stock/CUP", 1), ("stock/MUG", 1), ("stock/TEA", 2)))


def test_the_stock_of_a_gift_is_held_used_and_given_back_with_its_order() -> None:  # GIFT-1
    mall, shop = a_shop(GIVE)

    order = accepted(shop.orders.place(asked()))
    assert (order.lines[2].given_by, stock(mall)) == (GivenBy("mug", 2), Quota("stock/MUG", 1, 0, 1))
    order = pay(shop, order)
    assert stock(mall) == Quota("stock/MUG", 1, 1, 0)
    order = accepted(shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert (order.lines[2].buckets, stock(mall)) == (Buckets(canceled=1), Quota("stock/MUG", 1, 0, 0))
    assert (order.refunded, order.lines[2].owed) == (4900, 0)


def test_a_gift_is_shipped_and_delivered_like_any_other_line() -> None:  # GIFT-1
    mall, shop = a_shop(GIVE)
    order = pay(shop, accepted(shop.orders.place(asked())))

    order = accepted(shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    assert order.shipments[0].units == ((1, 2), (2, 1), (3, 1))
    accepted(shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
    order = accepted(shop.shipping.deliver(c.DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))

    assert order.lines[2].buckets == Buckets(delivered=1)
    assert stock(mall) == Quota("stock/MUG", 1, 1, 0)


def test_of_a_part_that_has_left_the_rest_is_called_off_and_its_gift_given_back() -> None:
    mall, shop = a_shop(GIVE)
    order = pay(shop, accepted(shop.orders.place(asked())))
    accepted(shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id, units=((1, 2),))))
    accepted(shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))

    order = accepted(shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))

    assert [line.buckets.canceled for line in order.lines] == [0, 1, 1]
    assert (stock(mall).used, stock(mall, "TEA").used, stock(mall, "CUP").used) == (0, 2, 0)


def test_an_order_freezes_what_it_promises_and_tells_of_it_in_its_trace() -> None:  # GRANT-1
    _, shop = a_shop(BOX, mugs=2)

    order = accepted(shop.orders.place(asked(4400)))

    grants = (
        Grant(GrantKind.POINTS, 50, "box", 1),
        Grant(GrantKind.POINTS_RATE, 20_000, "box", 1),
        Grant(GrantKind.COUPON, 1, "box", 1, "next-time"),
    )
    assert (order.grants, the_placing(shop, order).grants, accepted(shop.orders.get(order.id)).grants) == (grants, grants, grants)
    assert told(shop, order) == [
        "promotion box (version 1): 2 MUG as a gift",
        "promotion box (version 1): 50 points",
        "promotion box (version 1): points times 2",
        "promotion box (version 1): a coupon of next-time",
    ]


@pytest.mark.parametrize(("ending", "state"), [("cancel", PromiseState.CALLED_OFF), ("complete", PromiseState.DUE)])
def test_a_promise_is_open_until_the_order_completes_and_called_off_when_it_is_canceled(ending: str, state: PromiseState) -> None:  # GRANT-1
    mall, shop = a_shop(BOX, mugs=2)
    order = pay(shop, accepted(shop.orders.place(asked(4400))))
    assert {it.state for it in promises(order)} == {PromiseState.OPEN}

    if ending == "cancel":
        order = accepted(shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    else:
        accepted(shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id)))
        accepted(shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
        accepted(shop.shipping.deliver(c.DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))
        mall.clock.advance(timedelta(days=8))
        shop.orders.sweep()
        order = accepted(shop.orders.get(order.id))

    assert promises(order) == tuple(Promise(f"{order.id}/grant/{number}", grant, state) for number, grant in enumerate(order.grants, 1))


def test_a_price_with_gifts_and_grants_is_made_again_from_what_was_frozen() -> None:
    mall, shop = a_shop(BOX, mugs=2)
    placing = the_placing(shop, accepted(shop.orders.place(asked(4400))))
    mall.clock.advance(timedelta(days=400))

    again = replay(placing, at=placing.at)

    assert disagreements(placing, again) == ()
    assert (again.gifts[0].sku, again.gifts[0].quantity, again.grants) == ("MUG", 2, placing.grants)
    taken_away = evolve(placing, lines=placing.lines[:2], grants=placing.grants[:1])
    with pytest.raises(Exception, match="expected the product of the gift MUG among the frozen facts"):
        replay(taken_away, at=placing.at)
    assert disagreements(taken_away, again) == ("lines: there are 2, the facts give 3", "grants: 1 are promised, the trace promises 3")


@pytest.mark.parametrize(
    ("gift", "why", "word"),
    [
        (Gift("MUG", 2), "too few are free", "of its gift MUG too few are left (1 free, 1 more wanted)"),
        (Gift("CAP"), "there is no such product", "its gift CAP is no product of the shop"),
        (Gift("OLD"), "it is not active", "its gift OLD is not active"),
    ],
)
def test_a_gift_that_cannot_be_given_is_left_out_and_told_and_the_price_stays(gift: Gift, why: str, word: str) -> None:  # GIFT-3
    giving = Promotion(id="gift", effects=(AcrossOff(Money(100, "EUR")), Extra(gifts=(gift,))))
    mall, shop = a_shop(giving)
    accepted(mall.shop.goods.put(PutProduct(key="old", by=CLERK, product=evolve(MUG, sku="OLD", active=False))))

    order = accepted(shop.orders.place(asked(4800)))
    skipped = accepted(shop.orders.why_not(asked(key="o2")))

    assert [line.sku for line in order.lines] == ["TEA", "CUP"]
    assert told(shop, order) == [f"promotion gift (version 1): its gift of {gift.quantity} {gift.sku} is left out: {why}"]
    assert [(it.promotion.id, it.reason, tell(it, "EUR")) for it in skipped] == [("gift", "gift_gone", word)]


def test_a_promotion_that_gives_a_lacking_gift_alone_uses_none_of_its_limits() -> None:
    mall, shop = a_shop(evolve(GIVE, limits=Limits(total=1)), mugs=0)

    accepted(shop.orders.place(asked()))
    assert mall.storage.quota(("promotion/mug/total",), at=START)["promotion/mug/total"].held == 0
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="MUG", quantity=5)))
    second, third = (accepted(shop.orders.place(asked(key=key))) for key in ("o2", "o3"))

    assert ([line.sku for line in second.lines], [line.sku for line in third.lines]) == (["TEA", "CUP", "MUG"], ["TEA", "CUP"])


def test_a_promotion_may_say_that_it_is_not_taken_without_its_gift_and_another_is_taken_instead() -> None:  # GIFT-3
    extra = Extra(gifts=(Gift("MUG"),), worth=Money(900, "EUR"), if_gone=IfGone.NOT_TAKEN)
    mug = Promotion(id="mug", exclusive=True, effects=(extra,))
    five = Promotion(id="five", effects=(AcrossOff(Money(500, "EUR")),))
    _, shop = a_shop(mug, five)

    first, second = accepted(shop.orders.place(asked())), accepted(shop.orders.place(asked(4400, key="o2")))

    assert [line.sku for line in first.lines] == ["TEA", "CUP", "MUG"]
    assert [line.sku for line in second.lines] == ["TEA", "CUP"]
    assert told(shop, second) == ["promotion mug (version 1) is not taken, for its gift of 1 MUG is lacking: too few are free"]
    skipped = accepted(shop.orders.why_not(asked(key="o3")))
    assert [(it.promotion.id, it.reason) for it in skipped] == [("mug", "gift_gone")]
    assert made_again(shop, second) == ()


def test_an_order_is_refused_for_a_gift_only_where_the_promotion_says_so() -> None:  # GIFT-3
    mug = Promotion(id="mug", effects=(Extra(gifts=(Gift("MUG"),), if_gone=IfGone.REFUSE),))
    _, shop = a_shop(mug)
    accepted(shop.orders.place(asked()))

    again = shop.orders.place(asked(key="o2"))

    assert refused(again) == refused(shop.orders.quote(asked())) == refused(shop.orders.why_not(asked())) == "gift_unavailable"
    assert dict(again.facts) == {"promotion": "mug", "sku": "MUG", "wanted": 1, "free": 0}  # type: ignore[union-attr]  # it is a refusal
    assert accepted(shop.orders.place(asked())).lines[2].sku == "MUG"  # what was placed stays placed


def test_goods_that_are_bought_come_before_gifts() -> None:  # GIFT-2
    mall, shop = a_shop(Promotion(id="tea", effects=(Extra(gifts=(Gift("TEA"),)),)))
    command = asked()
    nine = evolve(command, cart=evolve(command.cart, lines=(evolve(command.cart.lines[0], quantity=9), command.cart.lines[1])))
    ten = evolve(command, key="o2", cart=evolve(command.cart, lines=(evolve(command.cart.lines[0], quantity=10), command.cart.lines[1])))

    assert [(line.sku, line.quantity, line.unit_price) for line in accepted(shop.orders.quote(nine)).lines] == [
        ("TEA", 9, 1000),
        ("CUP", 1, 2500),
        ("TEA", 1, 0),
    ]
    assert [(line.sku, line.quantity) for line in accepted(shop.orders.quote(ten)).lines] == [("TEA", 10), ("CUP", 1)]
    order = accepted(shop.orders.place(evolve(nine, tenders=(evolve(nine.tenders[0], amount=11_900),))))
    assert stock(mall, "TEA") == Quota("stock/TEA", 10, 0, 10)
    assert made_again(shop, order) == ()


def test_two_promotions_share_what_there_is_of_a_gift_in_the_order_in_which_they_are_taken() -> None:  # GIFT-2
    _, shop = a_shop(GIVE, Promotion(id="mugs", effects=(Extra(gifts=(Gift("MUG"),)),)))

    order = accepted(shop.orders.place(asked()))

    assert [line.given_by for line in order.lines] == [None, None, GivenBy("mug", 2)]


def test_gifts_do_not_count_as_bought_for_the_approval_rule() -> None:
    mall, _ = a_shop(mugs=9)
    rule = evolve(mall.terms.approval, max_quantity=3)
    gifts = Promotion(id="mugs", effects=(Extra(gifts=(Gift("MUG", 9),)),))
    shop = Shop(
        mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, terms=evolve(mall.terms, approval=rule), promotions=[gifts]
    )

    assert pay(shop, accepted(shop.orders.place(asked()))).review_reasons == ()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each kind."""
    made: Storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "gifts.sqlite", kinds=KINDS, upgrade=True)
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        made = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    yield made
    made.close()


@pytest.mark.parametrize("if_gone", [IfGone.LEAVE_OUT, IfGone.NOT_TAKEN])
def test_of_two_who_race_for_the_last_gift_both_get_their_order_and_one_the_gift(storage: Storage, if_gone: IfGone) -> None:  # GIFT-4
    give = evolve(GIVE, effects=(Extra(gifts=(Gift("MUG"),), if_gone=if_gone),))
    mall, _ = a_shop(give, mugs=5, storage=storage)
    racers, rounds = 2, 5
    start, orders, errors = Barrier(racers), list[Order](), list[BaseException]()

    def run(number: int) -> None:
        shop = another(mall, give, seed=number)
        try:
            for turn in range(rounds):
                start.wait(30)
                orders.append(accepted(shop.orders.place(asked(key=f"o{number}/{turn}"))))
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(racers)]
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=100)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert (len(orders), sum(len(order.lines) == 3 for order in orders), stock(mall)) == (10, 5, Quota("stock/MUG", 5, 0, 5))


class Faster:
    """A storage in which somebody else takes all mugs right before the first order is written."""

    def __init__(self, storage: Storage, act: object) -> None:
        self._storage, self._act = storage, act

    def __getattr__(self, name: str) -> object:
        return getattr(self._storage, name)

    def commit(self, change: object) -> object:
        act, self._act = self._act, None
        if callable(act):
            act()
        return self._storage.commit(change)  # type: ignore[arg-type]  # handed on as it came


def test_who_loses_the_last_gift_in_the_very_write_is_placed_without_it(storage: Storage) -> None:  # GIFT-4
    mall, shop = a_shop(GIVE, BOX, mugs=3, storage=storage)
    rival = another(mall, GIVE, seed=7)
    late = Faster(storage, lambda: accepted(rival.orders.place(asked(key="rival"))))
    slow = Shop(late, clock=mall.clock, ids=SeededIds(9), gateways=[FakeGateway()], promotions=[GIVE, BOX])  # type: ignore[arg-type]

    order = accepted(slow.orders.place(asked(4400)))

    assert [(line.sku, line.quantity) for line in order.lines] == [("TEA", 2), ("CUP", 1), ("MUG", 2)]
    assert told(shop, order)[1:] == [
        "promotion box (version 1): 50 points",
        "promotion box (version 1): points times 2",
        "promotion box (version 1): a coupon of next-time",
        "promotion mug (version 2): its gift of 1 MUG is left out: too few are free",
    ]
    assert made_again(shop, order) == ()


def test_an_order_that_is_paid_late_goes_on_without_a_gift_that_is_gone_since(storage: Storage) -> None:  # GIFT-5
    mall, shop = a_shop(GIVE, storage=storage)
    late = accepted(shop.orders.place(asked()))
    mall.clock.advance(timedelta(minutes=31))
    first = accepted(shop.orders.place(asked(key="o2")))
    assert (first.lines[2].sku, stock(mall).held) == ("MUG", 1)

    order = pay(shop, late)

    assert (order.state, [line.buckets for line in order.lines]) == ("confirmed", [Buckets(open=2), Buckets(open=1), Buckets(canceled=1)])
    assert (dict(order.claim.items), order.claim.state) == ({"stock/CUP": 1, "stock/TEA": 2}, "used")
    assert [(note.code, dict(note.facts)) for note in order.exceptions] == [("gift_gone", {"quantity": 1, "sku": "MUG"})]
    assert (stock(mall), stock(mall, "TEA").used) == (Quota("stock/MUG", 1, 0, 1), 2)


def test_an_order_whose_bought_goods_are_gone_is_canceled_whatever_its_gift(storage: Storage) -> None:
    mall, shop = a_shop(evolve(GIVE, when=CartTotal(Money(1, "EUR"))), storage=storage)
    late = accepted(shop.orders.place(asked()))
    mall.clock.advance(timedelta(minutes=31))
    command = asked(key="o2")
    all_tea = evolve(command.cart, lines=(evolve(command.cart.lines[0], quantity=10), command.cart.lines[1]))
    accepted(shop.orders.place(evolve(command, cart=all_tea, tenders=(evolve(command.tenders[0], amount=12_900),))))

    order = pay(shop, late)

    assert (order.state, order.cancel_reason, order.refunded) == ("canceled", "out_of_stock", 4900)
    assert all(line.buckets.canceled == line.quantity for line in order.lines)
    assert len(storage.find(Query(Order, limit=10)).items) == 2
