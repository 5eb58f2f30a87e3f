"""What bundles come down to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.bundles import packed, sets_from
from shopwright.catalog.products import Component
from shopwright.errors import InvalidValue

BUNDLES = {"party": (Component("teaset", 2), Component("cup", 1)), "teaset": (Component("pot"), Component("cup", 4))}


def test_components_of_bundles_in_bundles_add_up():
    assert packed("party", BUNDLES) == (Component("cup", 9), Component("pot", 2))
    assert packed("cup", BUNDLES) == (Component("cup", 1),)


@pytest.mark.parametrize(
    ("bundles", "circle"),
    [
        ({"a": (Component("a"),)}, "a holds a"),
        ({"a": (Component("b"),), "b": (Component("c"),), "c": (Component("b"),)}, "a holds b holds c holds b"),
    ],
)
def test_a_bundle_never_holds_itself(bundles, circle):
    with pytest.raises(InvalidValue, match=f"expected bundles that never hold themselves, got {circle}; take one of these out"):
        packed("a", bundles)


@pytest.mark.parametrize(("stock", "sets"), [({"cup": 19, "pot": 9}, 2), ({"cup": 18, "pot": 3}, 1), ({"cup": 100}, 0), ({"cup": 100, "pot": -2}, 0)])
def test_a_stock_is_enough_for_as_many_sets_as_its_scarcest_component_allows(stock, sets):
    assert sets_from(packed("party", BUNDLES), stock) == sets


def test_nothing_makes_no_sets():
    assert sets_from((), {"cup": 4}) == 0


@st.composite
def bundles(draw):
    """Bundles that hold what stands behind them in the alphabet alone."""
    names = "abcdefgh"
    return {
        name: tuple(Component(part, draw(st.integers(1, 3))) for part in draw(st.sets(st.sampled_from(names[place + 1 :]), min_size=1)))
        for place, name in enumerate(names[:-1])
        if draw(st.booleans())
    }


@given(bundles())
def test_packing_is_the_sum_over_the_components(known):
    def naive(sku):
        if sku not in known:
            return {sku: 1}
        total = {}
        for component in known[sku]:
            for part, count in naive(component.sku).items():
                total[part] = total.get(part, 0) + component.quantity * count
        return total

    assert {it.sku: it.quantity for it in packed("a", known)} == naive("a")


def test_bundles_nest_deeply_without_a_stack():
    chain = {f"b{number}": (Component(f"b{number + 1}"),) for number in range(20_000)}

    assert packed("b0", chain) == (Component("b20000", 1),)
