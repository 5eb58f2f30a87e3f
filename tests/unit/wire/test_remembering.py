"""Parts of documents that are known again: the same values as without, once, and nothing that is not the very same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import frozen

from shopwright.errors import UndecodableDocument
from shopwright.ports.kinds import Kind, Kinds, RecordType
from shopwright.wire import remembering, texts
from shopwright.wire.codec import Codec

LIBRARIES = pytest.mark.parametrize("library", [texts.stdlib(), texts.installed()], ids=lambda it: it.name)


@frozen
class Line:
    """A part."""

    sku: str
    quantity: int
    gift: bool = False


@frozen
class Sale:
    """A document of parts."""

    id: str
    lines: tuple[Line, ...]


@frozen
class Sold:
    """What happened, with the same parts."""

    lines: tuple[Line, ...]


SALE, SOLD = Kind("sale", Sale), RecordType("Sold", Sold)
LINES = (Line("TEA", 1), Line("CUP", 2, gift=True))


def codec(library: texts.Json) -> Codec:
    return Codec(Kinds(documents=(SALE,), records=(SOLD,)), json=library)


def body(*lines: dict[str, Any], id: str = "s-1") -> str:
    return json.dumps({"id": id, "lines": list(lines)})


@LIBRARIES
def test_a_part_that_two_documents_share_reads_as_it_was_in_both(library: texts.Json) -> None:
    it = codec(library)
    sale, sold = Sale("s-1", LINES), Sold(LINES)
    assert (it.load(SALE, 1, it.dump(sale)), it.load(SOLD, 1, it.dump(sold))) == (sale, sold)
    assert json.loads(it.dump(sale))["lines"] == json.loads(it.dump(sold))["lines"] == [
        {"sku": "TEA", "quantity": 1},
        {"sku": "CUP", "quantity": 2, "gift": True},
    ]


@LIBRARIES
def test_another_part_is_written_though_it_stands_where_the_last_one_stood(library: texts.Json) -> None:
    it = codec(library)
    told = [json.loads(it.dump(Sale("s-1", (Line("TEA", quantity),))))["lines"] for quantity in (1, 2, 1)]
    assert told == [[{"sku": "TEA", "quantity": quantity}] for quantity in (1, 2, 1)]


@LIBRARIES
def test_the_same_part_is_read_once(library: texts.Json) -> None:
    it, line = codec(library), {"sku": "TEA", "quantity": 1}
    first, second = (it.load(SALE, 1, body(line, id=id)) for id in ("s-1", "s-2"))
    assert (first.id, second.id) == ("s-1", "s-2")
    assert first.lines is second.lines


@LIBRARIES
@pytest.mark.parametrize("wrong", [{"quantity": True}, {"quantity": 1.0}, {"quantity": "1"}, {"gift": 0}, {"more": 1}], ids=str)
def test_what_python_takes_for_the_same_is_refused_after_the_right_one_was_read(library: texts.Json, wrong: dict[str, Any]) -> None:
    it, right = codec(library), {"sku": "TEA", "quantity": 1, "gift": False}
    assert it.load(SALE, 1, body(right)).lines == (Line("TEA", 1),)
    with pytest.raises(UndecodableDocument, match="a stored sale of shape 1 cannot be read"):
        it.load(SALE, 1, body(right | wrong))


@LIBRARIES
def test_a_long_part_is_read_anew_each_time(library: texts.Json) -> None:
    it, line = codec(library), {"sku": "T" * (remembering._SHORT + 1), "quantity": 1}
    first, second = (it.load(SALE, 1, body(line, id=id)) for id in ("s-1", "s-2"))
    assert first.lines == second.lines
    assert first.lines is not second.lines
