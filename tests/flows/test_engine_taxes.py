"""Orders whose taxes an engine outside tells: what is asked, what is frozen, and what becomes of an order when nobody answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import Order, Refusal, Shop, accepted, standing
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.troubles import Trouble
from shopwright.errors import KeyConflict
from shopwright.orders.holds import HoldReason
from shopwright.payments.errors import InvalidRequest
from shopwright.ports.tax import IfSilent
from shopwright.pricing import Quote, disagreements, explain, replay
from shopwright.pricing.tax import TaxLine, TaxRequest
from shopwright.pricing.tax_amounts import RateTax, TaxAssessment, Taxed
from shopwright.pricing.tax_rates import TaxPlace, Treatment
from shopwright.promotions.effects import Percent
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from shopwright.testing.taxes import FakeTaxEngine
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START, Mall, an_order, stock
from tests.flows.taxed import BY_TABLE, POLICY, TABLE, TAXED, VAT, a_taxed_order, engine_taxes, silent
from tests.flows.test_promoted import the_placing

TEN = Promotion(id="ten", effects=(Percent(1_000),))


def a_shop(engine: FakeTaxEngine | None = None, if_silent: IfSilent = IfSilent.REFUSE, **ways: Any) -> tuple[FakeTaxEngine, Shop]:
    """An engine and the shop that asks it."""
    engine = engine or FakeTaxEngine(TABLE)
    return engine, Mall(MemoryStorage(KINDS), ways={"taxes": engine_taxes(engine, if_silent), **ways}).shop


def code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else ""


def test_the_engine_is_asked_about_the_lines_as_they_stand_after_all_discounts() -> None:
    engine, shop = a_shop(promotions=(TEN,))
    offer = accepted(shop.orders.quote(a_taxed_order()))
    assert engine.asked == [
        TaxRequest(
            "EUR",
            (TaxLine(1, "standard", 1_800, shipping=178), TaxLine(2, "standard", 2_250, shipping=222)),
            place=TaxPlace("DE"),
            policy=POLICY,
            at=START,
            city="Hamburg",
        )
    ]
    assert (offer.subtotal, offer.discount, offer.shipping, offer.tax, offer.total) == (4_500, 450, 400, 846, 5_296)


def test_an_order_freezes_what_the_engine_answered_and_is_priced_again_without_it() -> None:
    engine, shop = a_shop(promotions=(TEN,))
    order = accepted(shop.orders.place(a_taxed_order(5_296)))
    engine.locked_out = True
    placing = the_placing(shop, order)
    assert [(line.tax, line.total, line.taxed and line.taxed.tax) for line in order.lines] == [(376, 2_354, 376), (470, 2_942, 470)]
    assert [(entry.rule, entry.rule_version, entry.code) for entry in placing.trace[-1:]] == [("engine_rates", 3, "added")]
    again = replay(placing, at=placing.at)
    assert (disagreements(placing, again), again.total) == ((), 5_296)


def test_the_deadline_of_the_shop_is_the_engines() -> None:
    engine, shop = a_shop()
    shop.orders.quote(a_taxed_order())
    assert engine.deadlines == [engine_taxes(engine).deadline]


def test_a_repeat_gets_its_order_and_nobody_is_asked_for_it_again() -> None:
    engine, shop = a_shop()
    first = accepted(shop.orders.place(a_taxed_order()))
    engine.locked_out = True
    assert accepted(shop.orders.place(a_taxed_order())) == first
    assert len(engine.asked) == 1
    with pytest.raises(KeyConflict):
        shop.orders.place(a_taxed_order(TAXED, external_id="other"))


def test_a_price_that_is_refused_is_not_asked_about() -> None:
    engine, shop = a_shop()
    gone = evolve(a_taxed_order(), cart=evolve(an_order().cart, coupon_code="GONE"))
    assert (code(shop.orders.place(gone)), code(shop.orders.quote(gone)), engine.asked) == ("coupon_unknown", "coupon_unknown", [])


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (Trouble.NOT_SENT, "not_sent"),
        (Trouble.THROTTLED, "throttled"),
        (Trouble.LOST_APPLIED, "no_answer"),
        (Trouble.LOST_NOT_APPLIED, "no_answer"),
    ],
)
def test_a_silent_engine_is_a_refusal_and_the_same_command_is_placed_once_it_speaks(trouble: Trouble, why: str) -> None:
    engine, shop = a_shop()
    engine.strike(trouble, trouble)
    for answer in (shop.orders.quote(a_taxed_order()), shop.orders.place(a_taxed_order())):
        assert isinstance(answer, Refusal)
        assert (answer.code, dict(answer.facts)) == ("tax_unavailable", {"engine": "fake_tax", "why": why})
    assert isinstance(shop.orders.place(a_taxed_order()), Order)


def test_an_account_that_the_engine_refuses_is_told_apart() -> None:
    _, shop = a_shop(silent())
    answer = shop.orders.quote(a_taxed_order())
    assert isinstance(answer, Refusal)
    assert answer.fact("why") == "misconfigured"


class Offended(FakeTaxEngine):
    """Raises what the port does not name."""

    def assess(self, request, *, deadline):  # type: ignore[no-untyped-def]  # as its parent
        raise InvalidRequest("what is a Hamburg?")


def test_an_engine_that_does_not_understand_is_as_good_as_silent() -> None:
    _, shop = a_shop(Offended(TABLE))
    answer = shop.orders.quote(a_taxed_order())
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.fact("why")) == ("tax_unavailable", "not_understood")


def test_a_refusal_of_the_engine_is_an_answer_and_nobody_stands_in_for_it() -> None:
    _, shop = a_shop(if_silent=IfSilent.TABLE)
    abroad = evolve(a_taxed_order(), ship_to=evolve(an_order().ship_to, country="FR"))
    assert code(shop.orders.place(abroad)) == "tax_rule_missing"


def _lines(change: Callable[[Any], Any]) -> Callable[[TaxAssessment], Any]:
    return lambda answer: evolve(answer, lines=tuple(map(change, answer.lines)))


@pytest.mark.parametrize(
    "bent",
    [
        lambda answer: evolve(answer, lines=answer.lines[:1]),
        lambda answer: evolve(answer, lines=answer.lines[::-1]),
        lambda answer: evolve(answer, currency="USD"),
        _lines(lambda line: evolve(line, goods=evolve(line.goods, net=line.goods.net + 1))),
        _lines(lambda line: evolve(line, shipping=Taxed(0))),
        _lines(lambda line: evolve(line, treatment=Treatment.EXEMPT)),
        lambda answer: "19 %",
        lambda answer: None,
    ],
    ids=["a line is missing", "other order", "other currency", "other amount", "no shipping", "exempt and taxed", "text", "nothing"],
)
def test_an_answer_that_does_not_fit_what_was_asked_is_none(bent: Callable[[TaxAssessment], Any]) -> None:
    """TAX-2"""
    engine, shop = a_shop()
    engine.bend(bent)
    answer = shop.orders.place(a_taxed_order())
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.fact("why")) == ("tax_unavailable", "wrong_answer")
    _, other = a_shop(engine, IfSilent.TABLE)
    assert accepted(other.orders.place(a_taxed_order(BY_TABLE))).total.minor == BY_TABLE


def test_an_engine_is_believed_in_what_it_takes() -> None:
    engine, shop = a_shop()
    engine.bend(_lines(lambda line: evolve(line, goods=Taxed(line.goods.net, (RateTax(VAT, 7),)))))
    offer = accepted(shop.orders.quote(a_taxed_order()))
    assert [line.taxed.goods.tax for line in offer.lines if line.taxed] == [7, 7]


def test_taxes_beyond_64_bits_are_refused() -> None:
    engine, shop = a_shop()
    engine.bend(_lines(lambda line: evolve(line, goods=Taxed(line.goods.net, (RateTax(VAT, 2**70),)))))
    assert code(shop.orders.place(a_taxed_order())) == "amount_too_large"


def test_a_table_stands_in_for_a_silent_engine_and_the_trace_tells_it() -> None:
    """TAX-3"""
    _, shop = a_shop(silent(), IfSilent.TABLE)
    offer = accepted(shop.orders.quote(a_taxed_order()))
    order = accepted(shop.orders.place(a_taxed_order(BY_TABLE)))
    placing = the_placing(shop, order)
    assert (offer.total, order.total.minor, order.holds) == (BY_TABLE, BY_TABLE, ())
    assert placing.trace[-1].fact("instead_of") == "fake_tax"
    assert explain(placing.trace, currency="EUR")[-2].startswith(
        "tax by own_rates (version 1), rounded half_up: 7.84 EUR, by order, for fake_tax did not answer (line 1"
    )
    again = replay(placing, at=placing.at)
    assert disagreements(placing, again) == ()


def test_an_order_may_wait_until_a_person_has_looked_at_taxes_that_a_table_told() -> None:
    """TAX-3"""
    _, shop = a_shop(silent(), IfSilent.HOLD)
    order = accepted(shop.orders.place(a_taxed_order(BY_TABLE)))
    (hold,) = order.holds
    assert (hold.id, hold.reason, hold.note) == ("tax", HoldReason.TAX, "fake_tax did not answer; the taxes are those of the table own_rates")
    assert accepted(shop.orders.get(order.id)) == order
    assert standing(order)

    engine, shop = a_shop(if_silent=IfSilent.HOLD)
    assert accepted(shop.orders.place(a_taxed_order())).holds == ()
    assert len(engine.asked) == 1


def test_a_table_that_cannot_tell_either_refuses_in_its_own_words() -> None:
    taxes = evolve(engine_taxes(silent(), IfSilent.TABLE), table=TABLE)
    shop = Mall(MemoryStorage(KINDS), ways={"taxes": taxes}).shop
    abroad = evolve(a_taxed_order(), ship_to=evolve(an_order().ship_to, country="FR"))
    assert code(shop.orders.quote(abroad)) == "tax_rule_missing"


def test_a_gift_has_no_taxes_and_is_not_asked_about() -> None:
    engine, shop = a_shop(promotions=(Promotion(id="cup", effects=(Extra(gifts=(Gift("CUP"),)),)),))
    order = accepted(shop.orders.place(a_taxed_order()))
    assert ([len(request.lines) for request in engine.asked], [(line.sku, line.total) for line in order.lines]) == (
        [2],
        [("TEA", 2_592), ("CUP", 3_239), ("CUP", 0)],
    )
    placing = the_placing(shop, order)
    assert disagreements(placing, replay(placing, at=placing.at)) == ()


class Watched(MemoryStorage):
    """Knows whether it is in the middle of a write."""

    writing = False

    def commit(self, change):  # type: ignore[no-untyped-def]  # as its parent
        self.writing = True
        try:
            return super().commit(change)
        finally:
            self.writing = False


def test_nobody_is_asked_while_something_is_written() -> None:
    """TAX-1"""
    storage, engine, seen = Watched(KINDS), FakeTaxEngine(TABLE), list[tuple[bool, int]]()
    mall = Mall(storage, ways={"taxes": engine_taxes(engine)})

    def look(answer: TaxAssessment) -> TaxAssessment:
        seen.append((storage.writing, len(mall.orders())))
        return answer

    engine.bend(look)
    accepted(mall.shop.orders.place(a_taxed_order()))
    assert (seen, len(mall.orders())) == ([(False, 0)], 1)


@pytest.mark.parametrize(("if_silent", "expected"), [(IfSilent.REFUSE, "tax_unavailable"), (IfSilent.TABLE, BY_TABLE)])
def test_within_a_hosts_transaction_nobody_is_asked(if_silent: IfSilent, expected: object, tmp_path: Path) -> None:
    """TAX-1"""
    path = tmp_path / "mall.sqlite"
    storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
    stock(Shop(storage))
    engine, connection = FakeTaxEngine(TABLE), sqlite3.connect(path, isolation_level=None)
    connection.execute("begin immediate")
    shop = Shop(storage.joined(connection), gateways=[FakeGateway()], taxes=engine_taxes(engine, if_silent))
    answer = shop.orders.place(a_taxed_order(BY_TABLE), at=START)
    assert (answer.total.minor if isinstance(answer, Order) else code(answer)) == expected
    if isinstance(answer, Refusal):
        assert answer.fact("why") == "in_transaction"
    assert engine.asked == []
    connection.execute("rollback")
    connection.close()
    storage.close()


def test_a_shop_with_a_table_asks_nobody_and_prices_as_before() -> None:
    plain = Mall(MemoryStorage(KINDS)).shop
    offer = plain.orders.quote(an_order())
    assert isinstance(offer, Quote)
    assert (offer.total, offer.trace[-1].code) == (4_900, "off")
