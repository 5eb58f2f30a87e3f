"""Categories as a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalog.categories import CategoryTree, merged_names, names_on
from shopwright.errors import InvalidValue

DRINKS = CategoryTree({"green tea": "tea", "black tea": "tea", "tea": "drinks", "juice": "drinks"})


def test_a_product_stands_in_its_categories_and_all_above_them():
    assert DRINKS.above("green tea") == ("tea", "drinks")
    assert DRINKS.with_above({"green tea", "gifts"}) == {"green tea", "tea", "drinks", "gifts"}
    assert DRINKS.under("tea") == {"tea", "green tea", "black tea"}


def test_a_category_moves_with_all_that_is_under_it():
    moved = DRINKS.moved("tea", under="hot")

    assert (moved.above("green tea"), DRINKS.moved("tea", under=None).above("black tea")) == (("tea", "hot"), ("tea",))


def test_a_category_is_merged_into_another_with_all_that_is_under_it():
    merged = DRINKS.merged("tea", into="juice")

    assert merged == CategoryTree({"green tea": "juice", "black tea": "juice", "juice": "drinks"})
    assert DRINKS.merged("juice", into="tea") == CategoryTree({"green tea": "tea", "black tea": "tea", "tea": "drinks"})
    assert merged_names(("tea", "gifts", "juice"), "tea", into="juice") == ("juice", "gifts")


@pytest.mark.parametrize(("into", "where"), [("tea", "itself"), ("green tea", "under it")])
def test_a_category_is_not_merged_into_itself_or_what_is_under_it(into, where):
    with pytest.raises(InvalidValue, match=f"cannot merge the category tea into {into}, which is {where}; move that one first"):
        DRINKS.merged("tea", into=into)


def test_the_path_of_a_category_begins_with_the_paths_of_all_above_it():
    assert [DRINKS.path(name) for name in ("drinks", "green tea", "gifts")] == ["drinks/", "drinks/tea/green tea/", "gifts/"]


def test_a_path_keeps_slashes_and_tildes_of_names():
    tree = CategoryTree({"a/b": "~1", "c~0": "a/b"})

    assert (tree.path("c~0"), names_on(tree.path("c~0"))) == ("~01/a~1b/c~00/", ("~1", "a/b", "c~0"))


@pytest.mark.parametrize("path", ["", "drinks", "/", "drinks//", "/drinks/"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(InvalidValue, match="expected a path such as 'drinks/tea/', got"):
        names_on(path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: CategoryTree({"a": "a"}), "got a circle: a under a; take one of these apart"),
        (lambda: CategoryTree({"x": "a", "a": "b", "b": "c", "c": "a"}), "got a circle: a under b under c under a"),
        (lambda: DRINKS.moved("drinks", under="green tea"), "tea under drinks under green tea under tea"),
        (lambda: CategoryTree({"": "a"}), "CategoryTree.parents must have 1 to 200 characters"),
        (lambda: CategoryTree(("a", "b", "c")), "expected parents as a mapping or as pairs"),
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


@given(st.dictionaries(st.sampled_from(["a", "a/b", "b", "~", "/"]), st.sampled_from(["a", "a/b", "b", "~", "/", "c"]), max_size=5))
def test_what_is_under_a_category_is_what_has_a_path_that_begins_with_its_path(parents):
    try:
        tree = CategoryTree(parents)
    except InvalidValue:
        return
    names = {*parents, *parents.values()}
    for name in names:
        assert tree.under(name) == {other for other in names if tree.path(other).startswith(tree.path(name))}
        assert names_on(tree.path(name)) == (*reversed(tree.above(name)), name)


def test_a_chain_of_ten_thousand_is_walked_without_a_stack():
    chain = CategoryTree({f"c{number:05}": f"c{number + 1:05}" for number in range(10_000)})

    assert len(chain.above("c00000")) == 10_000
