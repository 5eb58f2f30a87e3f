"""Promotion sets as files that people write and review: YAML or JSON, in words rather than in the names of classes.

    promotions:
      - id: spring
        when: {all: [{cart_total: {least: 50.00 EUR}}, {code: SPRING}]}
        effects: [{percent: {percent: 10 %, lines: {sku: [tea]}}}]

Rules
- what is written reads back as an equal set;
- whatever a file says is either understood or told as an error with line, column and path; all errors are told at once;
- JSON needs nothing; YAML needs the extra `files`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Search
from shopwright.wire.marked import Entries, Items, Node, Place, Problems, Scalar, UnreadableFile
from shopwright.wire.marked_json import read_json
from shopwright.wire.marked_yaml import read_yaml, write_yaml
from shopwright.wire.objects import unknown_key
from shopwright.wire.promotion_words import WORDS, Words
from shopwright.wire.shapes import BAD, Json, Many, refuse

Form = Literal["yaml", "json"]
MOST_CHARACTERS = 20_000_000
"""The longest file."""

__all__ = ["Form", "PromotionFile", "UnreadableFile", "form_of", "read_promotions", "schema", "write_promotions"]


@frozen
class PromotionFile:
    """A promotion set, and where in its file each promotion stands."""

    set: PromotionSet
    places: Mapping[str, Place] = field(repr=False, eq=False)


def form_of(name: str) -> Form:
    """The form of a file by its name: `.json` is JSON, and all else YAML, of which JSON is nearly a part."""
    return "json" if name.lower().endswith(".json") else "yaml"


def read_promotions(text: str, *, form: Form, words: Words = WORDS) -> PromotionFile:
    """The set that a file holds. Raises `UnreadableFile` with all that is wrong, and `InvalidValue` where YAML is read without PyYAML."""
    problems = Problems()
    if len(text) > MOST_CHARACTERS:
        problems.tell(Place(1, 1), "", f"expected at most {MOST_CHARACTERS} characters, got {len(text)}; make several files")
        problems.stop_if_any()
    node = read_json(text, problems) if form == "json" else read_yaml(text, problems)
    problems.stop_if_any()
    assert node is not None
    found = _read(node, words, problems)
    problems.stop_if_any()
    return found


def write_promotions(given: PromotionSet, *, form: Form, words: Words = WORDS) -> str:
    """The text of a set. Raises `TypeError` for a condition or an effect that the words do not know."""
    parts = _parts(words)
    plain = {key: parts[key].write(value) for key, value in (("stacking", given.stacking), ("search", given.how)) if value != _DEFAULTS[key]}
    plain["promotions"] = parts["promotions"].write(given.promotions)
    if form == "yaml":
        return write_yaml(plain)
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def schema(words: Words = WORDS) -> Json:
    """The JSON Schema (draft 2020-12) of promotion files, made from the classes."""
    defs: Json = {}
    properties = {"$schema": {"type": "string"}, **{key: shape.schema(defs) for key, shape in _parts(words).items()}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Promotions",
        "description": "A promotion set: the promotions, how they stack, and how the best of them are searched.",
        "type": "object",
        "properties": properties,
        "required": ["promotions"],
        "additionalProperties": False,
        "$defs": dict(sorted(defs.items())),
    }


_DEFAULTS = {"stacking": Stacking(), "search": Search()}


def _parts(words: Words) -> dict[str, Any]:
    return {"stacking": words.fields(Stacking), "search": words.fields(Search), "promotions": Many(words.fields(Promotion))}


def _read(node: Node, words: Words, problems: Problems) -> PromotionFile:
    if not isinstance(node, Entries):
        refuse(node, "", problems, "an object with promotions, and with stacking and search if need be")
        problems.stop_if_any()
        raise AssertionError
    parts, found = _parts(words), dict[str, Any](_DEFAULTS)
    for key, value in node.entries:
        if key.value == "$schema":
            continue
        if key.value not in parts:
            unknown_key(key, "", problems, parts)
        else:
            found[str(key.value)] = parts[str(key.value)].read(value, str(key.value), problems)
    if "promotions" not in found:
        problems.tell(node.at, "", "expected the key promotions, which must be given")
    places = _places(node, found.get("stacking"), problems)
    problems.stop_if_any()
    assert BAD not in found.values()
    return PromotionFile(PromotionSet(found["promotions"], found["stacking"], found["search"]), places)


def _places(node: Entries, stacking: Any, problems: Problems) -> dict[str, Place]:
    """Where each promotion stands; tells of ids that come twice and of lanes that nothing names, which no promotion alone can know."""
    places: dict[str, Place] = {}
    every = next((value for key, value in node.entries if key.value == "promotions"), None)
    for number, each in enumerate(every.items if isinstance(every, Items) else ()):
        said = {key.value: value for key, value in each.entries} if isinstance(each, Entries) else {}
        id, lane = said.get("id"), said.get("lane")
        if isinstance(id, Scalar) and isinstance(id.value, str):
            if id.value in places:
                problems.tell(id.at, f"promotions[{number}].id", f"the id {id} comes twice; it stands in line {places[id.value].line} already")
            places.setdefault(id.value, each.at)
        if isinstance(stacking, Stacking):
            name, at = (lane.value, lane.at) if isinstance(lane, Scalar) else ("cart", each.at)
            if isinstance(name, str) and name not in stacking.lanes:
                problems.tell(at, f"promotions[{number}].lane", f"expected one of the lanes of stacking ({', '.join(stacking.lanes)}), got {name!r}")
    return places
