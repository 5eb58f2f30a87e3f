"""Categories as a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.categories import CategoryTree
from shopwright.errors import InvalidValue

DRINKS = CategoryTree({"green tea": "tea", "black tea": "tea", "tea": "drinks", "juice": "drinks"})


def test_a_product_stands_in_its_categories_and_all_above_them():
    assert DRINKS.above("green tea") == ("tea", "drinks")
    assert DRINKS.with_above({"green tea", "gifts"}) == {"green tea", "tea", "drinks", "gifts"}
    assert DRINKS.under("tea") == {"tea", "green tea", "black tea"}


def test_a_category_moves_with_all_that_is_under_it():
    moved = DRINKS.moved("tea", under="hot")

    assert (moved.above("green tea"), DRINKS.moved("tea", under=None).above("black tea")) == (("tea", "hot"), ("tea",))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: CategoryTree({"a": "a"}), "got a circle: a under a; take one of these apart"),
        (lambda: CategoryTree({"x": "a", "a": "b", "b": "c", "c": "a"}), "got a circle: a under b under c under a"),
        (lambda: DRINKS.moved("drinks", under="green tea"), "tea under drinks under green tea under tea"),
        (lambda: CategoryTree({"": "a"}), "CategoryTree.parents must have 1 to 200 characters"),
        (lambda: CategoryTree(("a", "b", "c")), "expected facts as a mapping or as pairs"),
    ],
)
def test_what_is_no_tree_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), max_size=8))
def test_a_tree_is_one_exactly_when_nothing_is_above_itself(parents):
    def climbs(name):
        seen = []
        while name in parents and parents[name] not in seen:
            name = parents[name]
            seen.append(name)
        return name in parents

    if any(climbs(name) for name in parents):
        with pytest.raises(InvalidValue, match="circle"):
            CategoryTree(parents)
    else:
        tree = CategoryTree(parents)
        assert all(name not in tree.above(name) for name in "abcdefgh")
        assert all((other in tree.under(name)) == (name in (other, *tree.above(other))) for name in "abcdefgh" for other in tree.with_above(parents))


def test_a_chain_of_ten_thousand_is_walked_without_a_stack():
    chain = CategoryTree({f"c{number:05}": f"c{number + 1:05}" for number in range(10_000)})

    assert len(chain.above("c00000")) == 10_000
