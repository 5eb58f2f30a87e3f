"""Promotion files: what may be written, and what is said of what may not."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from attrs import define, field, frozen
from jsonschema import Draft202012Validator

from shopwright.edges import whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.amounts import Amount
from shopwright.promotions.conditions import All, AnyOf, Birthday, CartTotal, Code, During, Issued, Not, NthOrder, OneOf
from shopwright.promotions.effects import AcrossOff, Cap, Percent
from shopwright.promotions.matching import Every, Named, NotReduced
from shopwright.promotions.promotion import Group, Promotion, Stacking
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Search, Strategy
from shopwright.promotions.windows import DateWindow
from shopwright.wire.marked import Place
from shopwright.wire.promotion_files import UnreadableFile, form_of, read_promotions, schema, write_promotions
from shopwright.wire.promotion_words import WORDS
from tests.surroundings import ROOT

PAGE = ROOT / "docs" / "reference" / "promotions.schema.json"

SAMPLE = """\
stacking:
  groups: [{name: seasonal}]
  most: 2
search: {strategy: priority}
promotions:
  # Ten percent for those who have the code.
  - id: spring
    title: Spring is here
    group: seasonal
    ends: 2026-06-01T00:00:00+02:00
    when: {all: [{cart_total: {least: 50.00 EUR}}, {code: SPRING}]}
    effects:
      - percent: {percent: 12.5 %, lines: {all: [not_reduced, {sku: [tea, cup]}]}, cap: {per_order: 20.00 EUR}}
  - id: app
    when:
      any:
        - channel: app
        - not: nth_order
        - during: {starts: 2026-03-01T00:00:00Z}
    effects: [{across_off: {amounts: [5.00 EUR, {money: 6.00 EUR, channel: app}]}}]
"""
MEANT = PromotionSet(
    (
        Promotion(
            id="spring",
            title="Spring is here",
            group="seasonal",
            ends=datetime(2026, 5, 31, 22, tzinfo=UTC),
            when=All((CartTotal(Money(5_000, "EUR")), Code("SPRING"))),
            effects=(Percent(1_250, Every((NotReduced(), Named("sku", {"tea", "cup"}))), cap=Cap(per_order=Money(2_000, "EUR"))),),
        ),
        Promotion(
            id="app",
            when=AnyOf((OneOf("channel", "app"), Not(NthOrder()), During(DateWindow(datetime(2026, 3, 1, tzinfo=UTC))))),
            effects=(AcrossOff((Amount(Money(500, "EUR")), Amount(Money(600, "EUR"), "app"))),),
        ),
    ),
    Stacking(groups=(Group("seasonal"),), most=2),
    Search(Strategy.PRIORITY),
)


def told(text: str, form: str = "yaml") -> list[str]:
    """All that is said of a file that cannot be read."""
    with pytest.raises(UnreadableFile) as refused:
        read_promotions(text, form=form)
    return [str(problem) for problem in refused.value.problems]


def one(rest: str) -> str:
    """A file with one promotion, of which line 3 is this."""
    return f"promotions:\n  - id: p\n    {rest}\n    effects: [{{percent: {{percent: 10 %}}}}]\n"


def test_a_file_says_in_words_what_values_say():
    found = read_promotions(SAMPLE, form="yaml")

    assert found.set == MEANT
    assert found.places == {"spring": Place(7, 5), "app": Place(14, 5)}


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_set_comes_back_as_it_was_written(form):
    assert read_promotions(write_promotions(MEANT, form=form), form=form).set == MEANT


def test_a_promotion_for_holders_of_issued_codes_says_so_in_its_file():
    found = read_promotions(one("when: {issued: p}"), form="yaml").set

    assert found.promotions[0].when == Issued("p")
    assert read_promotions(write_promotions(found, form="json"), form="json").set == found


def test_a_set_is_ready_to_evaluate():
    engine = MEANT.engine()
    assert (engine.stacking, engine.how, {it.id for it in engine.promotions}) == (MEANT.stacking, MEANT.how, {"spring", "app"})


def test_a_file_is_json_by_its_name_and_else_yaml():
    assert [form_of(name) for name in ("a.json", "A.JSON", "a.yaml", "a.yml", "a")] == ["json", "json", "yaml", "yaml", "yaml"]


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_lines():
    assert told(
        "stacking: {most: 0}\npromotions:\n  - id: p\n    lane: nowhere\n    effcts: []\n  - id: p\n    effects: [{percnt: 10 %}]\nextra: 1\n"
    ) == [
        "line 1, column 12, stacking.most: Stacking.most must be between 1 and 9223372036854775807, got 0",
        "line 3, column 5, promotions[0]: expected the key effects, which must be given",
        "line 5, column 5, promotions[0]: unknown key 'effcts'; did you mean effects? allowed: id, effects, when, title, version, state, starts, "
        + keys_behind("state, starts, "),
        "line 6, column 9, promotions[1].id: the id 'p' comes twice; it stands in line 3 already",
        ("line 7, column 16, promotions[1].effects[0]: unknown key 'percnt'; did you mean percent? allowed: "
        "percent, each_off, across_off, once_off, fixed_price, ladder, shipping_off, extra, buy_get, every_nth, bundle"),
        "line 8, column 1: unknown key 'extra'; allowed: stacking, search, promotions",
    ]


def keys_behind(after: str) -> str:
    """The keys of a promotion behind some of them, as they are listed."""
    return ", ".join(WORDS.fields(Promotion).fields).partition(after)[2]


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("title: no", 'title: expected text, got no without quotes, which YAML may take for yes or no; write "no"'),
        ("title: 010", 'title: expected text, got 010 without quotes, which YAML may take for a number in another notation; write "010"'),
        ("title: 2026-03-01", 'title: expected text, got 2026-03-01 without quotes, which YAML may take for a date; write "2026-03-01"'),
        ("title: 12:30", 'title: expected text, got 12:30 without quotes, which YAML may take for a number in another notation; write "12:30"'),
        ("title: 1.5", 'title: expected text, got 1.5 without quotes, which YAML may take for a number that is not whole; write "1.5"'),
        ("title: 12", "title: expected text; write it in quotes, got the integer 12"),
        ("title: true", "title: expected text; write it in quotes, got the boolean true"),
        ("title:", "title: expected text, got nothing"),
        ("title: [a]", "title: expected text, got a list"),
        ("priority: '1'", "priority: expected a whole number in decimal digits, without zeros before it and without quotes, got '1'"),
        ("priority: 010", "priority: expected a whole number in decimal digits, without zeros before it and without quotes, got '010'"),
        ("exclusive: yes", "exclusive: expected true or false, got 'yes'"),
        ("state: on", "state: expected one of enabled, archived, got 'on'"),
        ("beside: [lines]", "beside[0]: expected one of line, order, shipping, extra, got 'lines'"),
        (
            "starts: 2026-03-01T00:00:00",
            ("starts: expected a time with its zone such as 2026-03-01T00:00:00+01:00, got '2026-03-01T00:00:00': "
            "it has no zone; add Z, or +01:00 as it was there and then"),
        ),
        ("starts: 2026-03-01", "starts: expected a time with its zone such as 2026-03-01T00:00:00+01:00, got '2026-03-01'"),
        ("when: {new_buyer: {days: -1}}", "when.new_buyer.days: NewBuyer.days must be between 0 and 36500, got -1"),
        ("when: {code: []}", "when.code: Code.codes must have at least one name, got none; what names nothing never holds"),
        ("when: {all: {code: A}}", "when.all: expected a list, got an object"),
        (
            "when: {cart_total: {least: 5 euro}}",
            "when.cart_total.least: expected an amount with its currency such as \"5.00 EUR\", got '5 euro'",
        ),
        (
            "when: {cart_total: {least: 5.001 EUR}}",
            ("when.cart_total.least: expected an amount with its currency such as \"5.00 EUR\", got '5.001 EUR': "
            "expected an amount of at most 2 decimals for EUR, got '5.001'; round it first, or say rounding=Rounding.HALF_UP or another"),
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_path_what_was_expected_and_what_to_do(rest, said):
    (problem,) = told(one(rest))
    place, _, message = problem.partition(", promotions[0].")
    assert place.startswith("line 3, column ")
    assert message == said


def test_times_days_and_amounts_need_no_quotes_for_their_form_leaves_no_doubt():
    found = read_promotions(one("starts: 2026-03-01T00:00:00Z"), form="yaml").set
    assert found.promotions[0].starts == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("promotions: [\n", "line 2, column 1: expected YAML: while parsing a flow node"),
        ("promotions: []\n---\npromotions: []\n", "line 2, column 1: expected one document, got another behind ---; make two files"),
        ("a: &x 1", "line 1, column 4: expected no anchor and no alias"),
        ("a: *x", "line 1, column 4: expected no anchor and no alias"),
        ("a: !!python/object:os.system 1", "line 1, column 4: expected no tag"),
        ("? [a]\n: 1", "line 1, column 3: expected a key that is text, got a list"),
        ("promotions: []\npromotions: []", "line 2, column 1: the key 'promotions' comes twice; it stands in line 1 already"),
        ("", "line 1, column 1: expected an object with promotions, and with stacking and search if need be, got nothing"),
        ("- a", "line 1, column 1: expected an object with promotions, and with stacking and search if need be, got a list"),
        ("stacking: {}", "line 1, column 1: expected the key promotions, which must be given"),
        ("[" * 70, "line 1, column 62: expected at most 60 levels"),
        ("a: \x07", "line 1, column 1: expected YAML: special characters are not allowed"),
    ],
)
def test_yaml_that_is_no_promotion_file_is_told_with_its_place(text, said):
    assert told(text)[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            "line 1, column 1: expected a value: text in double quotes, a number, true, false, null, a list or an object, got the end",
        ),
        ('{"promotions": [],}', "line 1, column 19: expected a key in double quotes, got '}'"),
        ('{"promotions": []\n "a": 1}', "line 2, column 2: expected a comma or }, got '\"a\": 1}'"),
        ('{"promotions" []}', "line 1, column 15: expected a colon after the key, got '[]}'"),
        ('{"promotions": [1 2]}', "line 1, column 19: expected a comma or ], got '2]}'"),
        (
            '{"promotions": NaN}',
            "line 1, column 16: expected a value: text in double quotes, a number, true, false, null, a list or an object, got 'NaN}'",
        ),
        ('{"promotions": []} x', "line 1, column 20: expected the end of the file, got 'x'"),
        (
            '{"promotions": "a\n"}',
            "line 1, column 18: expected text in double quotes (invalid control character at), got the end of the line or file",
        ),
        ('{"promotions": [],\n"promotions": []}', "line 2, column 1: the key 'promotions' comes twice; it stands in line 1 already"),
        ("[" * 70, "line 1, column 62: expected at most 60 levels"),
        ('{"promotions": 1.5}', "line 1, column 16, promotions: expected a list, got '1.5'"),
        (
            '{"promotions": [{"id": "p", "priority": 1e3, "effects": ["extra"]}]}',
            "line 1, column 41, promotions[0].priority: expected a whole number",
        ),
    ],
)
def test_json_that_is_no_promotion_file_is_told_with_its_place(text, said):
    assert told(text, "json")[0].startswith(said)


def test_a_file_that_is_too_long_is_refused_before_it_is_read():
    assert told(" " * 20_000_001) == ["line 1, column 1: expected at most 20000000 characters, got 20000001; make several files"]


def test_an_unreadable_file_goes_from_process_to_process():
    with pytest.raises(UnreadableFile) as refused:
        read_promotions("", form="json")
    assert pickle.loads(pickle.dumps(refused.value)).problems == refused.value.problems


def test_yaml_without_pyyaml_says_what_to_install():
    code = (
        "import sys; sys.modules['yaml'] = None\n"
        "from shopwright.wire.promotion_files import read_promotions\n"
        "assert read_promotions('{\"promotions\": []}', form='json').set.promotions == ()\n"
        "try: read_promotions('promotions: []', form='yaml')\n"
        "except ValueError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "reading and writing YAML needs PyYAML; pip install shopwright[files], or use JSON\n"


def test_the_published_schema_is_the_one_that_the_classes_tell():
    assert PAGE.read_text(encoding="utf-8") == json.dumps(schema(), indent=2) + "\n", f"shopwright promotions schema > {PAGE.relative_to(ROOT)}"


def test_the_schema_is_a_schema_and_allows_the_sample_and_refuses_what_is_misspelled():
    Draft202012Validator.check_schema(schema())
    check = Draft202012Validator(schema())
    sample = json.loads(write_promotions(MEANT, form="json"))
    assert check.is_valid(sample)
    assert not check.is_valid({**sample, "promotion": []})
    assert not check.is_valid({"promotions": [{"id": "p", "effects": [{"percnt": {"percent": 10}}]}]})


@frozen
class Weather:
    """Holds when it is that warm."""

    degrees: int = field(validator=whole(least=-50, most=50))
    keys = None

    def unmet(self, basket):
        """Nobody knows."""


@define
class Melting:
    """One that changes, which no condition may."""

    degrees: int


def test_a_plug_in_brings_words_of_its_own():
    words = WORDS.with_kinds(conditions={"weather": Weather})
    text = one("when: {weather: {degrees: 25}}")

    found = read_promotions(text, form="yaml", words=words).set

    assert found.promotions[0].when == Weather(25)
    assert read_promotions(write_promotions(found, form="json", words=words), form="json", words=words).set == found
    assert "Weather" in schema(words)["$defs"]
    assert told(text)[0].startswith("line 3, column 12, promotions[0].when: unknown key 'weather'; allowed: all, any, not, code, issued, channel")


def test_a_word_is_taken_once_and_a_class_that_no_word_names_cannot_be_written():
    with pytest.raises(InvalidValue, match="expected conditions as attrs classes under keys of their own, got 'code' for Weather"):
        WORDS.with_kinds(conditions={"code": Weather})
    with pytest.raises(InvalidValue, match="expected conditions as frozen classes, so that their values hash, got Melting for 'melting'"):
        WORDS.with_kinds(conditions={"melting": Melting})
    with pytest.raises(TypeError, match="expected a value that files know as Condition, got Weather"):
        write_promotions(PromotionSet((Promotion(id="p", effects=(Percent(1),), when=Weather(1)),)), form="json")


def test_a_bare_name_stands_for_the_whole_condition_with_its_fields_at_their_defaults():
    text = '{"promotions": [{"id": "cake", "when": "birthday", "effects": [{"percent": {"percent": "10 %"}}]}]}'

    found = read_promotions(text, form="json").set

    assert found == PromotionSet((Promotion(id="cake", effects=(Percent(1_000),), when=Birthday()),))
    assert read_promotions(write_promotions(found, form="json"), form="json").set == found
