"""The conditions of a hundred coupons on one cart, against engines for rules: the same trees, compiled once, and the same answers on 200 carts.

Every side is handed the facts of a cart: theirs are sums and names in a dict, ours are the lines, of which the sums and the names are worked out
before the clock starts, as they are for theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopwright.money import Money
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.compiled import Compiler
from shopwright.promotions.conditions import All, AnyOf, CartQuantity, CartTotal, Condition, Not, NthOrder, OneOf
from shopwright.promotions.matching import Named
from tests.benchmarks import asked, work
from tests.benchmarks.peers import business_rules, json_logic, zen
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, Side


def rows(session: Session) -> list[Row]:
    """Three peers."""
    peers: dict[str, Callable[[], Side]] = {
        "zen-engine": lambda: Local("zen-engine", zen.open_bench()),
        "json-logic": lambda: Local("json-logic", json_logic.open_bench()),
        "business-rules": lambda: Local("business-rules", business_rules.open_bench()),
    }
    expected = [asked.answers(asked.CARTS), None]
    return session.run(
        Race("promotion conditions", "100 trees on a cart, one tree", "µs", lambda: Local("ours", ours()), peers, asked.CARTS, expected)
    )


def ours() -> Bench:
    """All conditions, compiled, on one cart."""
    compiler = Compiler()
    checks = [compiler.holds(condition(tree)) for tree in asked.conditions()]

    def prepare(turn: int) -> Basket:
        basket = basket_of(turn)
        assert all((basket.keys, basket.amount, basket.units))
        return basket

    def run(basket: Basket) -> list[bool]:
        return [check(basket) for check in checks]

    return Bench(run=run, prepare=prepare, per=asked.CONDITIONS, clock=CPU)


def condition(tree: asked.Tree) -> Condition:
    """A tree as ours."""
    match tree:
        case "all", parts:
            return All(tuple([condition(part) for part in parts]))
        case "any", parts:
            return AnyOf(tuple([condition(part) for part in parts]))
        case "not", part:
            return Not(condition(part))
        case "total", least:
            return CartTotal(least=Money(least, work.CURRENCY))
        case "units", least:
            return CartQuantity(least)
        case "category", name:
            return CartQuantity(lines=Named("category", name))
        case "tier" | "channel" as what, names:
            return OneOf(what, names)
        case "country", names:
            return OneOf("ship_to", names)
        case _:
            return NthOrder()


def basket_of(turn: int) -> Basket:
    """The cart of a turn."""
    cart: dict[str, Any] = asked.cart(turn)
    lines = [BasketLine(f"sku-{place}", quantity, price, categories={name}) for place, (name, quantity, price) in enumerate(cart["lines"])]
    buyer = Buyer("ann", tier=cart["tier"], orders=cart["orders"])
    return Basket(work.CURRENCY, tuple(lines), work.AT, channel=cart["channel"], ship_to=cart["country"], buyer=buyer)
