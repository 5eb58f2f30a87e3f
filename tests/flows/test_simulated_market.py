"""Promotions of every effect over the real orders of a marketplace: what a simulation tells is what pricing each order alone gives."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import pytest

from marketplace.source import CURRENCY
from shopwright.cli import main
from shopwright.pricing import PriceFacts, price
from shopwright.pricing.facts import Offers
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.simulator import simulate
from shopwright.wire.past_orders import read_orders
from shopwright.wire.promotion_files import read_promotions
from shopwright.wire.promotion_words import WORDS
from tests.flows.market_promotions import past_of, written
from tests.surroundings import real_data

EVERY = 4  # one of so many orders is priced by a whole shop too, which takes its time


@pytest.fixture(scope="module")
def past():
    """The real orders that have items."""
    return past_of(real_data("olist-sample-8135"))


@pytest.fixture(scope="module")
def files(past, tmp_path_factory):
    """The promotions and the orders as files."""
    return written(past, tmp_path_factory.mktemp("market"))


def set_of(files) -> PromotionSet:
    return read_promotions(files[0].read_text(), form="yaml").set


def test_the_command_tells_of_all_real_orders_what_pricing_each_alone_gives(files, past, tmp_path, capsys):
    promotions = set_of(files)
    out = tmp_path / "out.json"
    assert len(promotions.promotions) >= 20
    assert {type(effect) for it in promotions.promotions for effect in it.effects} == {type for _, type in WORDS.effects}

    assert main(["promotions", "simulate", str(files[0]), "--orders", str(files[1]), "--margin", "30", "--json", str(out)]) == 0

    found = json.loads(out.read_text())
    engine = promotions.engine()
    cost, discounted, costs, uses = 0, 0, Counter(), Counter()
    with files[1].open() as lines:
        for order in read_orders(lines, form="jsonl"):
            alone = engine.evaluate(order.basket, reasons=False)
            cost += alone.discount + alone.shipping
            discounted += alone.discount + alone.shipping > 0
            costs.update({it.promotion.id: it.amount for it in alone.applied})
            uses.update(it.promotion.id for it in alone.applied)
    assert found["orders"] == len(past) == 7_360
    assert found["discounted"] == discounted >= 3_000
    assert found["cost"] == cost
    assert {it["id"]: (it["uses"], it["cost"]) for it in found["promotions"]} == {it.id: (uses[it.id], costs[it.id]) for it in promotions.promotions}
    assert [it["id"] for it in found["promotions"] if not it["uses"]] == []
    assert found["goods"] + found["shipping"] == sum(each.sale.owed for each in past)
    assert f"{discounted:,} are discounted" in capsys.readouterr().out


def test_a_shop_that_prices_real_orders_asks_what_the_simulation_says(files, past):
    engine = set_of(files).engine()
    with files[1].open() as lines:
        orders = list(islice(read_orders(lines, form="jsonl"), 0, None, EVERY))

    totals = []
    for each, order in zip(past[::EVERY], orders, strict=True):
        basket = order.basket
        offers = Offers(engine, basket.buyer, basket.payment_method, basket.ship_to)
        totals.append(price(each.cart, PriceFacts(each.products, shipping=each.shipping, offers=offers), at=order.at).total)

    found = simulate(orders, engine)
    assert found.currency == CURRENCY
    assert found.sales - found.cost == sum(totals)
    moved = sum(total != order.paid for total, order in zip(totals, orders, strict=True))
    assert found.winners.orders + found.losers.orders == moved
