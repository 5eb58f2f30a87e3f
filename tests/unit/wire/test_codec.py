"""The codec: values of every storable type to text and back, old shapes lifted, and nothing guessed."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue, UndecodableDocument
from shopwright.ports.kinds import Kind, Kinds, RecordType
from shopwright.wire import texts
from shopwright.wire.codec import Codec
from tests.unit.wire.sample import Box, Circle, Color, Everything, Size, Tag

LIBRARIES = (texts.stdlib(), texts.installed())
EVERYTHING = Kind("everything", Everything)
AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)

VALUE = Everything(
    name="张三",
    count=5,
    flag=True,
    color=Color.RED,
    size=Size.LARGE,
    tag=Tag("t"),
    at=AT,
    day=date(2026, 1, 2),
    span=timedelta(days=-1, microseconds=3),
    rate=Fraction(-1, 3),
    raw=b"\0\xff",
    shape=Box(1, 2, Circle(3)),
    shapes=(Circle(1), Box(2)),
    tags=frozenset({Tag("b"), Tag("a")}),
    corners=frozenset({Circle(2), Circle(1)}),
    pair=("a", AT),
    either=True,
    facts={"b": 1, "a": "x"},
    until=AT,
    nested=((Tag("x"),), ()),
    hidden=7,
)
BODY = (
    '{"name":"张三","count":5,"flag":true,"color":"red","size":2,"tag":"t","at":"2026-03-01T12:30:00.123456+00:00","day":"2026-01-02",'
    '"span":-86399999997,"rate":"-1/3","raw":"AP8=","shape":{"width":1,"height":2,"inner":{"radius":3,"_type":"Circle"},"_type":"Box"},'
    '"shapes":[{"radius":1,"_type":"Circle"},{"width":2,"_type":"Box"}],"tags":["a","b"],"corners":[{"radius":1},{"radius":2}],'
    '"pair":["a","2026-03-01T12:30:00.123456+00:00"],"either":true,"facts":[["a","x"],["b",1]],'
    '"until":"2026-03-01T12:30:00.123456+00:00","nested":[["x"],[]],"_hidden":7}'
)

clean_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
whole = st.integers(-(2**63), 2**63 - 1)
offsets = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-1439, 1439))
times = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=offsets)
circles = st.builds(Circle, whole)
shapes = st.recursive(circles, lambda inner: st.builds(Box, whole, whole, st.none() | inner), max_leaves=3)
values = st.builds(
    Everything,
    name=clean_text,
    count=whole,
    flag=st.booleans(),
    color=st.sampled_from(Color),
    size=st.sampled_from(Size),
    tag=clean_text.map(Tag),
    at=times,
    day=st.dates(),
    span=st.timedeltas(timedelta(days=-9_000_000), timedelta(days=9_000_000)),
    rate=st.fractions(),
    raw=st.binary(max_size=9),
    shape=shapes,
    shapes=st.lists(shapes, max_size=3).map(tuple),
    tags=st.frozensets(clean_text.map(Tag), max_size=3),
    corners=st.frozensets(circles, max_size=3),
    pair=st.tuples(clean_text, times),
    either=clean_text | whole | st.booleans(),
    facts=st.dictionaries(clean_text, clean_text | whole, max_size=3),
    note=st.none() | clean_text,
    until=st.none() | times,
    nested=st.lists(st.lists(clean_text.map(Tag), max_size=2).map(tuple), max_size=2).map(tuple),
    hidden=whole,
)


@frozen
class Event:
    title: str
    stars: int = 0


@frozen
class Command:
    order: str
    note: str = ""
    count: int = 1


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.name)
def library(request):
    return request.param


def codec_of(*kinds: Any, library: texts.Json = LIBRARIES[0]) -> Codec:
    documents = tuple(kind for kind in kinds if isinstance(kind, Kind))
    return Codec(Kinds(documents, tuple(kind for kind in kinds if isinstance(kind, RecordType))), json=library)


def body_with(**fields: str) -> str:
    """The body of `VALUE` with some of its fields written otherwise."""
    import json

    plain = json.loads(BODY)
    plain.update({name: json.loads(text) for name, text in fields.items()})
    return json.dumps(plain)


def test_each_type_stands_in_the_body_as_the_table_says(library):
    assert codec_of(library=library).dump(VALUE) == BODY


def test_the_body_is_read_back_to_the_same_value(library):
    assert codec_of(EVERYTHING, library=library).load(EVERYTHING, 1, BODY) == VALUE


@given(value=values)
def test_every_value_survives_the_way_there_and_back_on_every_library(value):
    written = {codec_of(library=library).dump(value) for library in LIBRARIES}
    assert len(written) == 1
    for library in LIBRARIES:
        assert codec_of(library=library).load(EVERYTHING, 1, *written) == value


@given(value=values)
def test_the_fingerprint_is_the_same_on_every_library(value):
    assert len({codec_of(library=library).fingerprint(value) for library in LIBRARIES}) == 1


def test_the_same_value_gives_the_same_text_whatever_the_order_of_its_sets():
    tags = [Tag(f"tag-{number}") for number in range(50)]
    forth, back = (evolve(VALUE, tags=frozenset(order)) for order in (tags, tags[::-1]))
    assert codec_of().dump(forth) == codec_of().dump(back)


def test_fields_at_their_default_are_left_out_and_come_back():
    kind = Kind("event", Event)
    assert codec_of().dump(Event("x")) == '{"title":"x"}'
    assert codec_of().load(kind, 1, '{"title":"x"}') == Event("x")


def test_a_short_document_is_remembered_by_its_text_and_shape():
    codec, kind = codec_of(), Kind("event", Event)
    first = codec.load(kind, 1, '{"title":"x"}')
    assert codec.load(kind, 1, '{"title":"' + 'x"}') is first
    assert codec.load(kind, 1, '{"title":"y"}') == Event("y")
    with pytest.raises(UndecodableDocument, match="shape 2"):
        codec.load(kind, 2, '{"title":"x"}')


def test_long_documents_and_records_are_read_anew():
    long = '{"title":"' + "x" * 1_000 + '"}'
    for kind, text in ((Kind("event", Event), long), (RecordType("event", Event), '{"title":"x"}')):
        codec = codec_of()
        one, other = codec.load(kind, 1, text), codec.load(kind, 1, text)
        assert one == other
        assert one is not other


def test_times_come_back_as_the_same_instants_in_utc():
    local = datetime(2026, 3, 1, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    codec = codec_of()
    read = codec.load(EVERYTHING, 1, codec.dump(evolve(VALUE, at=local)))
    assert (read.at, read.at.tzinfo) == (local, UTC)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "5"}, r"expected text, got 5 @ \$\.name"),
        ({"count": "true"}, r"expected an integer, got True @ \$\.count"),
        ({"count": '"5"'}, r"expected an integer, got '5' @ \$\.count"),
        ({"count": "5.0"}, r"expected an integer, got 5.0 @ \$\.count"),
        ({"flag": "1"}, r"expected true or false, got 1 @ \$\.flag"),
        ({"color": '"green"'}, r"'green' is not one of red, blue @ \$\.color"),
        ({"size": "true"}, r"True is not one of .* @ \$\.size"),
        ({"tag": "null"}, r"expected text, got None @ \$\.tag"),
        ({"at": '"yesterday"'}, r"@ \$\.at"),
        ({"at": '"2026-03-01T12:00:00"'}, r"expected a time with its offset.* @ \$\.at"),
        ({"day": '"2026-02-30"'}, r"@ \$\.day"),
        ({"span": '"1"'}, r"expected an integer, got '1' @ \$\.span"),
        ({"rate": '"0.5"'}, r'expected a fraction like "1/3".* @ \$\.rate'),
        ({"rate": '"1/0"'}, r"@ \$\.rate"),
        ({"raw": '"*"'}, r"@ \$\.raw"),
        ({"shape": '{"_type":"Line"}'}, r"_type 'Line' is not one of Circle, Box @ \$\.shape"),
        ({"shape": "[]"}, r"expected an object, got \[\] @ \$\.shape"),
        ({"shapes": '[{"_type":"Circle","radius":1},{"_type":"Circle"}]'}, r"required field missing @ \$\.shapes\[1\]\.radius"),
        ({"shapes": "{}"}, r"expected an array, got \{\} @ \$\.shapes"),
        ({"pair": '["a"]'}, r"expected 2 items, got 1 @ \$\.pair"),
        ({"pair": '["a", 7]'}, r"@ \$\.pair\[1\]"),
        ({"either": "null"}, r"@ \$\.either"),
        ({"corners": '[{"radius":"1"}]'}, r"expected an integer, got '1' @ \$\.corners\[0\]\.radius"),
        ({"unheard": "1"}, r"no field explains unheard @ \$"),
    ],
)
def test_a_body_that_the_type_does_not_explain_is_told_with_its_path(library, fields, told):
    with pytest.raises(UndecodableDocument, match=f"a stored everything of shape 1 cannot be read: .*{told}"):
        codec_of(library=library).load(EVERYTHING, 1, body_with(**fields))


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '"text"', "7", "NaN", '{"title":NaN}', '{"title":"x"} more'])
def test_text_that_is_no_body_is_undecodable(library, text):
    with pytest.raises(UndecodableDocument, match="a stored event of shape 1 cannot be read"):
        codec_of(library=library).load(RecordType("event", Event), 1, text)


def test_only_the_first_troubles_are_told():
    with pytest.raises(UndecodableDocument, match=r"and 12 more$"):
        codec_of().load(EVERYTHING, 1, "{}")


def test_a_value_that_refuses_its_own_body_is_undecodable():
    def positive(instance, attribute, value):
        if value <= 0:
            raise InvalidValue(f"stars must be above zero, got {value}")

    @frozen
    class Rated:
        stars: int = field(validator=positive)

    with pytest.raises(UndecodableDocument, match="stars must be above zero, got -1"):
        codec_of().load(Kind("rated", Rated), 1, '{"stars":-1}')


def rename_name(body):
    body["title"] = body.pop("name")
    return body


def count_stars(body):
    return {**body, "stars": len(body.pop("stars", ""))}


LIFTED = Kind("event", Event, shape=3, lifts=(rename_name, count_stars))


@pytest.mark.parametrize(("shape", "body"), [(1, '{"name":"x","stars":"***"}'), (2, '{"title":"x","stars":"***"}'), (3, '{"title":"x","stars":3}')])
def test_a_body_of_an_older_shape_is_lifted_step_by_step(library, shape, body):
    assert codec_of(library=library).load(LIFTED, shape, body) == Event("x", 3)


@pytest.mark.parametrize("shape", [0, -1, 4, 99])
def test_a_shape_that_nobody_knows_is_undecodable(shape):
    with pytest.raises(UndecodableDocument, match=f"has shape {shape}; this release knows 1 to 3"):
        codec_of().load(LIFTED, shape, '{"title":"x"}')


def test_a_lift_that_fails_is_undecodable():
    with pytest.raises(UndecodableDocument, match="a stored event of shape 1 cannot be read"):
        codec_of().load(LIFTED, 1, '{"title":"x"}')


def test_the_fingerprint_tells_commands_apart_and_nothing_else():
    @frozen
    class Other:
        order: str

    codec = codec_of()
    told = codec.fingerprint(Command("o-1"))
    assert (len(told), set(told) <= set("0123456789abcdef")) == (64, True)
    assert codec.fingerprint(Command("o-1", note="", count=1)) == told
    assert len({told, codec.fingerprint(Command("o-2")), codec.fingerprint(Command("o-1", count=2)), codec.fingerprint(Other("o-1"))}) == 4


def test_the_fingerprint_does_not_depend_on_the_order_of_fields():
    def command(order: tuple[str, ...]) -> Any:
        from attrs import make_class

        return make_class("Command", {name: field(type=str) for name in order}, frozen=True)(**{name: name for name in order})

    codec = codec_of()
    assert codec.fingerprint(command(("a", "b"))) == codec.fingerprint(command(("b", "a")))


def test_a_fingerprint_is_the_hash_of_the_name_and_the_sorted_body():
    expected = sha256('Command\n{"count":2,"order":"订单-1"}'.encode()).hexdigest()
    assert codec_of().fingerprint(Command("订单-1", count=2)) == expected


NEVER_STORED = [float, Decimal, complex, list[int], dict[str, int], set[int], Any, object, Path, tuple, Event | int, Event | str | None]


@pytest.mark.parametrize("type_", NEVER_STORED)
def test_types_that_would_round_or_change_are_refused_when_first_met(type_):
    @frozen
    class Holder:
        held: type_

    with pytest.raises(InvalidValue):
        codec_of().dump(Holder(1.5 if type_ is float else Path() if type_ is Path else None))


def test_a_union_of_classes_of_one_name_is_refused():
    def named_event() -> type:
        @frozen
        class Event:
            other: int

        return Event

    @frozen
    class Holder:
        held: Event | named_event()

    with pytest.raises(InvalidValue, match="different names"):
        codec_of().dump(Holder(Event("x")))


def test_a_value_outside_its_union_is_refused():
    with pytest.raises(InvalidValue, match="expected one of Circle, Box, got Event"):
        codec_of().dump(evolve(VALUE, shape=Event("x")))


@pytest.mark.parametrize("value", [5, "text", None, {"a": 1}, (1, 2)])
def test_only_attrs_values_have_a_body(value):
    with pytest.raises(InvalidValue, match="only values of attrs classes have a body"):
        codec_of().dump(value)


@pytest.mark.parametrize(
    "bad", ["a\0b", "\ud800", "\udfffx", 2**63, -(2**63) - 1, 10**40, 2**64 - 1], ids=["nul", "high", "low", "most", "least", "huge", "unsigned"]
)
def test_what_not_every_store_keeps_is_refused_with_its_path(library, bad):
    with pytest.raises(InvalidValue, match=r"@ \$\.either"):
        codec_of(library=library).dump(evolve(VALUE, either=bad))
    with pytest.raises(InvalidValue, match=r"@ \$\.facts\[0\]\[1\]"):
        codec_of(library=library).fingerprint(evolve(VALUE, facts={"a": bad}))


@pytest.mark.parametrize("fine", ["\\u0000", "\\", "0" * 40, "9" * 19, 2**63 - 1, -(2**63), "\x01\x1f\x7f", "\u2028\u2029", "🛒"])
def test_what_only_looks_like_it_is_kept(library, fine):
    codec = codec_of(library=library)
    assert codec.load(EVERYTHING, 1, codec.dump(evolve(VALUE, either=fine))).either == fine


def test_a_time_without_a_zone_is_refused(library):
    with pytest.raises(InvalidValue, match="aware"):
        codec_of(library=library).dump(evolve(VALUE, at=datetime(2026, 3, 1)))


def test_a_time_that_does_not_exist_in_utc_is_refused(library):
    with pytest.raises(InvalidValue, match="1 to 9999"):
        codec_of(library=library).dump(evolve(VALUE, at=datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))))


def test_a_value_of_another_type_than_its_field_says_is_refused_where_it_cannot_be_written(library):
    for fields in ({"at": "today"}, {"rate": 5.5}, {"shapes": 7}, {"raw": "text"}, {"name": object()}):
        with pytest.raises(InvalidValue):
            codec_of(library=library).dump(evolve(VALUE, **fields))


def test_a_class_that_is_part_of_itself_is_stored():
    kind = Kind("tree", Tree)
    tree = Tree("root", (Tree("left"), Tree("right", (Tree("leaf"),), Tree("twin"))))
    codec = codec_of(kind)
    assert codec.load(kind, 1, codec.dump(tree)) == tree


@frozen
class Tree:
    name: str
    children: "tuple[Tree, ...]" = ()
    beside: "Tree | None" = None


def test_old_bodies_are_undecodable_rather_than_half_read_when_a_class_is_part_of_itself():
    with pytest.raises(UndecodableDocument, match=r"required field missing @ \$\.children\[0\]\.name"):
        codec_of().load(Kind("tree", Tree), 1, '{"name":"root","children":[{}]}')
