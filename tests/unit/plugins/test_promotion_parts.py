"""Plug-ins bring words for promotion files, and none can take a word away from Shopwright or from another."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from attrs import frozen

from shopwright.plugins import Broken, Plugins, PromotionParts, hookimpl
from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import Unmet
from shopwright.promotions.effects import Aim
from shopwright.promotions.matching import Anything
from shopwright.promotions.taking import NOTHING, Tab, Taken
from shopwright.wire.promotion_files import read_promotions, schema
from shopwright.wire.promotion_words import WORDS

KNOWN = "text, integers, booleans, times, money, enumerations, attrs classes, and tuples of these"
FILE = '{"promotions": [{"id": "odd", "when": {"odd_lines": {"most": 5}}, "effects": ["nothing_at_all"]}]}'


@frozen
class OddLines:
    """An odd number of lines, and no more than `most`."""

    most: int = 9
    keys = None
    reads = frozenset(("lines",))

    def unmet(self, basket: Basket) -> Unmet | None:
        count = len(basket.lines)
        return None if count % 2 and count <= self.most else Unmet("odd_lines", "an odd number", count)


@frozen
class NothingAtAll:
    """It takes nothing."""

    aim = Aim.EXTRA
    keys = None
    reads = frozenset[str]()

    def take(self, tab: Tab) -> Taken:
        return NOTHING

    def most(self, basket: Basket) -> int:
        return 0


@frozen
class Unwritable:
    """A condition with a field that files do not know."""

    asks: complex = 1j
    keys = None

    def unmet(self, basket: Basket) -> Unmet | None:
        return None


class Brings:
    """A plug-in that brings these parts."""

    def __init__(self, parts: object) -> None:
        self.parts = parts

    @hookimpl
    def shopwright_register_promotion_parts(self) -> object:
        return self.parts


class Raises:
    @hookimpl
    def shopwright_register_promotion_parts(self) -> PromotionParts:
        raise RuntimeError("the file with the rules is gone")


ODD = PromotionParts(conditions={"odd_lines": OddLines}, effects={"nothing_at_all": NothingAtAll})


def left_out(*parts: object) -> list[str]:
    """What is told of plug-ins that bring these parts, beside one that is fine."""
    plugins = Plugins(Brings(ODD), *map(Brings, parts))
    assert {"odd_lines"} <= {word for word, _ in plugins.words().conditions}
    return [one.error for one in plugins.broken]


def test_a_promotion_file_can_say_what_a_plug_in_brings() -> None:
    (promotion,) = read_promotions(FILE, form="json", words=Plugins(Brings(ODD)).words()).set.promotions

    assert (promotion.when, promotion.effects) == (OddLines(5), (NothingAtAll(),))


def test_the_schema_of_promotion_files_tells_what_a_plug_in_brings() -> None:
    assert "OddLines" in schema(Plugins(Brings(ODD)).words())["$defs"]


def test_without_plug_ins_the_words_are_those_of_shopwright() -> None:
    plugins = Plugins()

    assert (plugins.words(), plugins.broken) == (WORDS, ())


def test_a_plug_in_that_raises_names_itself_and_harms_nobody_else() -> None:
    plugins = Plugins(Raises(), Brings(ODD))

    words = plugins.words()

    assert dict(words.conditions)["odd_lines"] is OddLines
    assert plugins.broken == (Broken("Raises", "shopwright.plugins", "this program", "RuntimeError: the file with the rules is gone"),)
    assert str(plugins.broken[0]) == "Raises of this program (shopwright.plugins) is left out: RuntimeError: the file with the rules is gone"


def test_what_is_left_out_is_told_once_however_often_the_words_are_asked_for() -> None:
    plugins = Plugins(Raises())

    assert plugins.words() == plugins.words()
    assert len(plugins.broken) == 1


def test_a_word_that_two_plug_ins_bring_is_left_out_of_both_and_the_rest_of_them_is_kept() -> None:
    plugins = Plugins()
    plugins.register(Brings(ODD), "odd")
    plugins.register(Brings(PromotionParts(conditions={"odd_lines": OddLines, "even_lines": OddLines})), "even")

    words = plugins.words()

    assert [word for word, _ in words.conditions if word.endswith("_lines")] == ["even_lines"]
    assert dict(words.effects)["nothing_at_all"] is NothingAtAll
    assert [(one.name, one.error) for one in plugins.broken] == [
        ("odd", "the word odd_lines of its conditions is also brought by even; uninstall one of them"),
        ("even", "the word odd_lines of its conditions is also brought by odd; uninstall one of them"),
    ]


def test_a_condition_and_an_effect_may_have_one_word() -> None:
    assert left_out(PromotionParts(effects={"odd_lines": NothingAtAll})) == []


def test_a_word_of_shopwright_stays_what_it_is() -> None:
    (error,) = left_out(PromotionParts(conditions={"tier": OddLines}))

    told, _, _ = error.partition("; taken: ")
    assert told == "tier of its conditions: expected conditions as attrs classes under keys of their own, got 'tier' for OddLines"


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"odd_lines": OddLines}, "InvalidValue: expected PromotionParts from shopwright_register_promotion_parts, got dict"),
        (
            PromotionParts(conditions={"Odd-Lines": OddLines}),
            "Odd-Lines of its conditions: expected a word of small letters, digits and _ that begins with a letter, got 'Odd-Lines'",
        ),
        (
            PromotionParts(effects={"odd": OddLines}),
            f"odd of its effects: expected a class with take, most, keys, aim, got {OddLines!r}, which lacks take, aim",
        ),
        (
            PromotionParts(matches={"every": Anything()}),  # type: ignore[dict-item]  # what a plug-in may get wrong
            "every of its matches: expected a class with holds, keys, got Anything(), which lacks being a class",
        ),
        (
            PromotionParts(conditions={"odd": Unwritable}),
            f"odd of its conditions: expected a type that files know ({KNOWN}), got <class 'complex'>",
        ),
    ],
    ids=["no_parts", "no_word", "no_effect", "no_class", "no_type_of_files"],
)
def test_what_files_cannot_say_is_left_out_alone(parts: object, error: str) -> None:
    assert left_out(parts) == [error]


def test_an_installed_plug_in_is_told_with_its_entry_point() -> None:
    point = EntryPoint("rules", "tests.unit.plugins.raising_rules", "shopwright.plugins")
    plugins = Plugins().load(points=(point,))

    plugins.words()

    assert [(one.name, one.distribution, one.error) for one in plugins.broken] == [
        ("rules", "an unknown distribution", "RuntimeError: the rules are gone")
    ]
