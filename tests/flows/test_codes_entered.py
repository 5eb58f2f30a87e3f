"""Codes that customers type, asked when an order is quoted and placed: what is told of them, and that each is used as often as it may be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Barrier as ThreadBarrier

import pytest
from attrs import evolve

from shopwright import CancelOrder, Order, PayOrder, ReceiveStock, Refusal, Shop, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.orders.events import OrderPlaced
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Query, Storage
from shopwright.pricing import disagreements, replay
from shopwright.pricing.trace import explain
from shopwright.promotions.code_attempts import Attempts
from shopwright.promotions.code_batches import code_at
from shopwright.promotions.code_books import CodeBook
from shopwright.promotions.code_desks import CodeDesk
from shopwright.promotions.codes import Uses
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.coded import ANNS, BOOK, CODE, CODED, FIVE, NEVER, ONCE, OPEN, OTHER, TWICE, TWO, Limiter, a_coded_order, limited_to
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.processes import Opener, opener, race


def a_mall(storage: Storage | None = None, ways: dict | None = None) -> Mall:
    return Mall(storage or MemoryStorage(KINDS), ways=CODED if ways is None else ways)


def uses(mall: Mall, code: str = CODE) -> tuple[int, int, int]:
    """What was granted of a code, and is used and held."""
    quota = mall.storage.quota((coupon_key(code),), at=mall.clock.now())[coupon_key(code)]
    return quota.granted, quota.used, quota.held


def off(order: Order) -> int:
    return sum(line.discount for line in order.lines)


def test_a_single_use_code_is_held_while_its_order_is_unpaid_used_once_it_is_paid_and_given_back_when_it_is_canceled() -> None:
    mall = a_mall()
    standing = [uses(mall)]
    order = accepted(mall.shop.orders.place(a_coded_order(ONCE.pattern.write(CODE))))
    standing.append(uses(mall))
    accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    standing.append(uses(mall))
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    standing.append(uses(mall))
    again = accepted(mall.shop.orders.place(a_coded_order(CODE, key="o2", buyer="bob")))

    assert standing == [(0, 0, 0), (1, 0, 1), (1, 1, 0), (1, 0, 0)]
    assert (off(order), off(again), uses(mall)) == (500, 500, (1, 0, 1))


def test_a_code_whose_order_was_never_paid_is_free_again_when_the_order_lapses() -> None:
    mall = a_mall()
    accepted(mall.shop.orders.place(a_coded_order()))
    assert refused(mall.shop.orders.place(a_coded_order(key="o2", buyer="bob"))) == "coupon_exhausted"

    mall.clock.advance(minutes=31)
    mall.shop.orders.sweep()

    assert off(accepted(mall.shop.orders.place(a_coded_order(key="o3", buyer="bob")))) == 500
    assert uses(mall) == (1, 0, 1)


def test_a_quote_tells_what_is_wrong_with_a_code_and_loses_nothing_but_its_promotion() -> None:
    mall = a_mall()
    mistyped = CODE[:-1] + ("2" if CODE[-1] != "2" else "3")
    bobs = a_coded_order(code_at(ANNS, 0), NEVER, mistyped, "WINTER", "HELLO", buyer="bob")

    quote = accepted(mall.shop.orders.quote(bobs))

    assert {it.rule: it.code for it in quote.refused_codes} == {
        code_at(ANNS, 0): "coupon_not_yours",
        NEVER: "coupon_unknown",
        mistyped: "coupon_mistyped",
        "WINTER": "coupon_unknown",
    }
    assert (quote.discount, quote.total) == (200, 4700)
    assert "code WINTER: not taken, coupon WINTER is not known" in explain(quote.trace, currency="EUR")
    assert replay(quote, at=quote.priced_at) == quote


def test_an_order_with_a_code_that_is_not_good_is_refused_with_its_reason_and_placed_without_it() -> None:
    mall = a_mall()
    accepted(mall.shop.orders.place(a_coded_order()))
    bobs = a_coded_order(CODE, "HELLO", key="o2", buyer="bob", total=4700)

    no = mall.shop.orders.place(bobs)

    assert no == Refusal("coupon_exhausted", f"coupon {CODE} has no uses left", {"coupon": CODE})
    assert [(it.code, it.note, it.facts) for it in accepted(mall.shop.orders.quote(bobs)).refused_codes] == [(no.code, no.message, no.facts)]
    assert len(mall.orders()) == 1
    assert off(accepted(mall.shop.orders.place(evolve(bobs, cart=evolve(bobs.cart, codes=("HELLO",)))))) == 200


def test_what_is_wrong_with_the_cart_is_told_before_what_is_wrong_with_its_codes() -> None:
    mall = a_mall()
    command = a_coded_order("WINTER")

    assert refused(mall.shop.orders.place(evolve(command, cart=evolve(command.cart, lines=())))) == "cart_empty"
    assert refused(mall.shop.orders.place(evolve(command, tenders=()))) == "coupon_unknown"


def test_a_repeat_gets_its_order_though_its_own_code_is_used_up_and_its_batch_is_gone() -> None:
    mall = a_mall()
    first = accepted(mall.shop.orders.place(a_coded_order()))
    without = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, promotions=(FIVE, TWO), codes=CodeBook(()))

    assert accepted(mall.shop.orders.place(a_coded_order())) == first
    assert accepted(without.orders.place(a_coded_order())) == first
    assert uses(mall) == (1, 0, 1)


def test_of_several_codes_for_one_promotion_one_is_used() -> None:
    mall = a_mall()
    codes = (CODE, OTHER, code_at(TWICE, 0))

    first = accepted(mall.shop.orders.place(a_coded_order(*codes)))
    counted = [uses(mall, code)[2] for code in sorted(codes)]
    second = accepted(mall.shop.orders.place(a_coded_order(*sorted(codes)[1:], key="o2", buyer="bob")))
    free = accepted(mall.shop.orders.place(a_coded_order(*sorted(codes)[2:], code_at(OPEN, 0), key="o3", buyer="bob")))

    assert [off(first), off(second), off(free)] == [500, 500, 500]
    assert (counted, [uses(mall, code)[2] for code in sorted(codes)]) == ([1, 0, 0], [1, 1, 0])
    assert coupon_key(code_at(OPEN, 0)) not in dict(free.claim.items)


def test_a_code_whose_promotion_does_not_apply_is_not_used() -> None:
    mall = a_mall(ways={**CODED, "promotions": (evolve(FIVE, starts=None, priority=1, exclusive=True), evolve(TWO, effects=FIVE.effects * 2))})

    order = accepted(mall.shop.orders.place(a_coded_order(CODE, "HELLO", total=3900)))

    assert (off(order), uses(mall)[1:]) == (1000, (0, 0))
    assert [entry.code for entry in the_placing(mall, order).trace if entry.step == "code"] == []


def test_a_code_that_is_for_points_or_a_gift_is_used_with_them() -> None:
    mall = a_mall(ways={**CODED, "promotions": (evolve(FIVE, effects=(Extra(points=100),)), TWO)})

    order = accepted(mall.shop.orders.place(a_coded_order(total=4900)))

    assert (off(order), len(order.grants), uses(mall)) == (0, 1, (1, 0, 1))


def the_placing(mall: Mall, order: Order) -> OrderPlaced:
    (event,) = [record.value for record in mall.storage.read("events", key=order.id) if isinstance(record.value, OrderPlaced)]
    return event


def test_an_order_keeps_which_code_claimed_which_promotion_and_is_priced_again_to_the_cent() -> None:
    mall = a_mall()
    order = accepted(mall.shop.orders.place(a_coded_order(CODE, "HELLO", total=4200)))
    placing = the_placing(mall, order)
    again = replay(placing, at=placing.at)

    (claimed,) = [entry for entry in placing.trace if entry.step == "code"]
    assert (claimed.code, claimed.rule, claimed.facts) == ("claimed", CODE, (("batch", "once"), ("promotion", "five")))
    assert (again.total, disagreements(placing, again), again.refused_codes) == (4200, (), ())
    assert f"code {CODE}: claims promotion five" in explain(placing.trace, currency="EUR")


def test_a_code_of_a_member_is_good_for_that_member_alone_and_a_code_of_two_uses_twice() -> None:
    mall = a_mall()
    mine, twice = code_at(ANNS, 0), code_at(TWICE, 0)

    assert refused(mall.shop.orders.place(a_coded_order(mine, buyer="bob"))) == "coupon_not_yours"
    assert off(accepted(mall.shop.orders.place(a_coded_order(mine)))) == 500
    answers = [mall.shop.orders.place(a_coded_order(twice, key=f"t{number}", buyer="bob")) for number in range(3)]
    assert [off(it) if isinstance(it, Order) else it.code for it in answers] == [500, 500, "coupon_exhausted"]


def test_a_batch_that_gets_more_uses_has_more_and_one_that_gets_fewer_lets_nobody_in() -> None:
    mall = a_mall()
    code = code_at(TWICE, 0)
    for number in range(2):
        accepted(mall.shop.orders.place(a_coded_order(code, key=f"t{number}")))

    def with_uses(total: int) -> Shop:
        book = CodeBook((evolve(TWICE, uses=Uses(total)),))
        return Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, promotions=(FIVE, TWO), codes=book)

    assert refused(with_uses(1).orders.place(a_coded_order(code, key="t2"))) == "coupon_exhausted"
    assert off(accepted(with_uses(3).orders.place(a_coded_order(code, key="t3")))) == 500
    assert uses(mall, code) == (3, 0, 3)


def test_wrong_codes_are_limited_for_each_who_asks_in_quotes_and_orders_alike_and_the_answer_is_always_the_same() -> None:
    mall = a_mall(ways=limited_to(3))
    accepted(mall.shop.orders.quote(a_coded_order(NEVER, "WINTER")))
    assert refused(mall.shop.orders.place(a_coded_order("SUMMER"))) == "coupon_unknown"

    told = {(it.code, it.note) for code in (CODE, NEVER, "HELLO", "?") for it in accepted(mall.shop.orders.quote(a_coded_order(code))).refused_codes}

    assert told == {("coupon_attempts", "too many wrong codes were entered; try again later")}
    assert {refused(mall.shop.orders.place(a_coded_order(code, total=4700))) for code in (CODE, "HELLO", NEVER)} == {"coupon_attempts"}
    assert off(accepted(mall.shop.orders.place(a_coded_order(CODE, buyer="bob")))) == 500
    mall.clock.advance(hours=1)
    assert off(accepted(mall.shop.orders.place(a_coded_order(OTHER, key="later")))) == 500


def test_a_wrong_code_that_stays_in_a_cart_counts_once_for_a_limiter_that_is_told_which_it_was() -> None:
    class Remembering(Limiter):
        def missed(self, subject: str, code: str, *, at: datetime) -> None:
            self.attempts[subject] = self.attempts.get(subject, Attempts(limit=self.limit)).after(at, code=code)

    mall = a_mall(ways={**CODED, "codes": CodeDesk(BOOK, Remembering(2))})
    for _ in range(5):
        accepted(mall.shop.orders.quote(a_coded_order(CODE, "WINTER")))
        accepted(mall.shop.orders.why_not(a_coded_order(CODE, "WINTER")))
        assert refused(mall.shop.orders.quote(a_coded_order(CODE, "WINTER", coupon="WINTER"))) == "coupon_unknown"

    assert off(accepted(mall.shop.orders.place(a_coded_order(CODE)))) == 500


def test_coupons_are_no_way_around_the_limit() -> None:
    mall = a_mall(ways=limited_to(2))
    told = [refused(mall.shop.orders.quote(a_coded_order("HELLO", coupon=f"C{number}"))) for number in range(3)]
    good = [refused(act(a_coded_order("HELLO", coupon="SPRING"))) for act in (mall.shop.orders.quote, mall.shop.orders.place)]

    assert (told, good) == (["coupon_unknown", "coupon_unknown", "coupon_attempts"], ["coupon_attempts", "coupon_attempts"])
    assert accepted(mall.shop.orders.quote(a_coded_order("HELLO", coupon="SPRING", buyer="bob"))).discount == 630


def test_a_thousand_codes_on_one_cart_are_refused_before_one_of_them_is_tried() -> None:
    mall = a_mall(ways=limited_to(1))
    command = a_coded_order(*(f"C{number}" for number in range(1_000)))

    assert [refused(act(command)) for act in (mall.shop.orders.quote, mall.shop.orders.place, mall.shop.orders.why_not)] == ["codes_too_many"] * 3
    assert off(accepted(mall.shop.orders.place(a_coded_order()))) == 500


def test_who_has_no_code_is_told_that_the_promotion_wants_one() -> None:
    mall = a_mall()

    told = accepted(mall.shop.orders.why_not(a_coded_order("HELLO")))

    assert [(skip.promotion.id, skip.reason, skip.unmet.condition if skip.unmet else "") for skip in told] == [("five", "condition", "code")]
    assert refused(mall.shop.orders.place(a_coded_order("ISSUED:FIVE"))) == "coupon_unknown"


def test_a_shop_takes_a_book_or_a_desk_over_promotions_that_it_has() -> None:
    storage = MemoryStorage(KINDS)
    with pytest.raises(InvalidValue, match="none named five; this shop has none"):
        Shop(storage, codes=BOOK)
    with pytest.raises(InvalidValue, match="expected codes as a CodeDesk or a CodeBook, got str"):
        Shop(storage, codes="FIVE")  # type: ignore[arg-type]  # a code in place of a book
    bare = Mall(storage, ways={"codes": CodeBook(())})
    assert refused(bare.shop.orders.place(a_coded_order())) == "coupon_unknown"
    assert accepted(bare.shop.orders.quote(a_coded_order())).total == 4900
    engine = Engine((FIVE, TWO))
    assert Shop(storage, promotions=engine, codes=BOOK).ports.promotions.how is engine.how


PROCESSES, TURNS = 16, 3
HOT = code_at(TWICE, 0)
TEN_USES = CodeBook((ONCE, evolve(TWICE, uses=Uses(10))))


def _shop(storage: Storage, mall: Mall | None = None) -> Shop:
    gateway = FakeGateway() if mall is None else FakeGateway(provider=mall.provider)
    return Shop(storage, gateways=[gateway], clock=FrozenClock(START), promotions=(FIVE, TWO), codes=TEN_USES)


def _codes(number: int) -> str:
    """Each single-use code is wanted by two, and all want the one with ten uses."""
    return code_at(ONCE, number // 2)


def _race(shop: Shop, number: int) -> list[str]:
    """What becomes of one buyer, who wants a code of ten uses again and again and one of a single use; what he cancels is given back."""
    told = []
    for turn in range(TURNS):
        command = a_coded_order(HOT, key=f"hot{number}/{turn}", buyer=f"m{number}")
        answer = shop.orders.place(command)
        if isinstance(answer, Order) and turn == 0 and number % 4 == 0:
            accepted(shop.orders.cancel(CancelOrder(key=f"c{number}", by=customer(f"m{number}"), order_id=answer.id)))
        told.append("won" if isinstance(answer, Order) else answer.code)
    single = shop.orders.place(a_coded_order(_codes(number), key=f"one{number}", buyer=f"m{number}"))
    return [*told, "won" if isinstance(single, Order) else single.code]


def _check(storage: Storage) -> None:
    orders = [stored.value for stored in storage.find(Query(Order, limit=1_000)).items if stored.value.state != "canceled"]
    claimed = [key for order in orders for key, _ in order.claim.items if key.startswith("coupon/")]
    assert all(off(order) == 500 for order in orders)
    assert storage.quota((coupon_key(HOT),), at=START)[coupon_key(HOT)] == Quota(coupon_key(HOT), 10, 0, claimed.count(coupon_key(HOT)))
    for number in range(PROCESSES // 2):
        key = coupon_key(code_at(ONCE, number))
        assert (claimed.count(key), storage.quota((key,), at=START)[key]) == (1, Quota(key, 1, 0, 1))
    shop = _shop(storage)
    while claimed.count(coupon_key(HOT)) < 10:  # what was given back last is there for others
        order = accepted(shop.orders.place(a_coded_order(HOT, key=f"last{len(claimed)}", buyer="last")))
        claimed += [key for key, _ in order.claim.items if key.startswith("coupon/")]
    assert refused(shop.orders.place(a_coded_order(HOT, key="over", buyer="last"))) == "coupon_exhausted"


def _stocked(storage: Storage) -> Mall:
    mall = Mall(storage, ways={"promotions": (FIVE, TWO), "codes": TEN_USES})
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=1_000)))
    return mall


@pytest.mark.parametrize("where", ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_sixteen_threads_use_each_code_exactly_as_often_as_it_may_be(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    storage = MemoryStorage(KINDS) if where == "memory" else opener(where, tmp_path, request)()
    mall = _stocked(storage)
    ready = ThreadBarrier(PROCESSES)

    def buy(number: int) -> list[str]:
        ready.wait(60)
        return _race(_shop(storage, mall), number)

    with ThreadPoolExecutor(PROCESSES) as pool:
        told = [answer for some in pool.map(buy, range(PROCESSES)) for answer in some]

    assert set(told) == {"won", "coupon_exhausted"}
    _check(storage)
    storage.close()


def _buy(opened: Opener, number: int, ready: Barrier) -> None:
    storage = opened()
    ready.wait(60)
    assert set(_race(_shop(storage), number)) <= {"won", "coupon_exhausted"}
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_sixteen_processes_use_each_code_exactly_as_often_as_it_may_be(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    _stocked(storage)
    race(_buy, PROCESSES, opened)
    _check(storage)
    storage.close()
