"""A catalog as a file: CSV with a row for each variant, or JSON with an object for each product group on a line of its own.

| CSV | JSON | meaning |
|---|---|---|
| `product`, `seller` | the same | the id of the group, and who sells it; must be given |
| `kind`, `status`, `brand`, `tax_class` | the same | physical, digital, gift_card or bundle; draft, active or archived |
| `categories`, `tags`, `channels` | lists | names |
| `title:en`, `description:en` | `title`, `description`: objects | texts by language |
| `attribute:material` | `attributes`: an object | values of attributes |
| `media`, `options` | lists | addresses or objects; options where they do not follow from the variants |
| `sku`, `option:size` | in `variants`: `sku`, `options` | the variant, and what it chooses |
| `prices`, `floors`, `barcode`, `tracked`, `components` | the same, in `variants` | as in `Variant` |
| `weight_g`, `length_mm`, `width_mm`, `height_mm` | the same, in `variants` | as in `Measures` |

Rules
- the rows of a group follow each other; what belongs to the group stands in the first of them, and is the same or empty in the others;
- what is empty or missing is as the group or the variant has it when nothing is said; no cell is trimmed, and nothing is guessed;
- all that is wrong is told, with line and column; a group with something wrong in it is left out whole, and reading goes on;
- a product or a sku that comes twice is wrong where it comes again;
- one group is held at a time, and a number for each product and sku that was read, so that a file may have any length.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from reprlib import repr as shown
from typing import Any, Literal

from attrs import define, field, frozen

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.groups import ProductGroup
from shopwright.wire.catalog_fields import GROUP, GROUP_NAMED, MUST, VARIANT, field_of, is_of_group, once
from shopwright.wire.catalog_groups import Reading, Row, RowProblem
from shopwright.wire.seen import Seen

Form = Literal["csv", "jsonl"]
MOST_CHARACTERS = 10_000_000
"""The longest line; whatever follows one that is longer is not read."""


@frozen
class GroupRead:
    """A product group of a file, and the line in which it begins."""

    line: int
    group: ProductGroup


Read = GroupRead | RowProblem


def read_catalog(lines: Iterable[str], *, form: Form, schema: AttributeSchema | None = None) -> Iterator[Read]:
    """The groups of a file and all that is wrong in it, one at a time and in the order of their lines.

    Lines keep their line ends: open files with `newline=""` and `encoding="utf-8-sig"`. With a `schema`, attributes are checked and kept by it.
    """
    found = _Found(schema)
    yield from found.csv(lines) if form == "csv" else found.json(lines)


@define
class _Found:
    schema: AttributeSchema | None
    seen: Seen = field(factory=Seen)

    def csv(self, lines: Iterable[str]) -> Iterator[Read]:
        """The groups of CSV."""
        head: Row | None = None
        rows: list[Row] = []
        wrong: list[RowProblem] = []
        beside = None
        for row in _csv_rows(lines):
            if isinstance(row, RowProblem):
                # It may belong to the group before it or to the one after it; neither is made without one of its variants.
                if head is None:
                    yield row
                else:
                    wrong.append(row)
                beside = row
            elif head is None or row.said["product"] != head.said["product"]:
                if head is not None:
                    yield from self._group(head, _variant_rows(rows), wrong)
                head, rows, wrong, beside = row, [row], _beside(row, beside), None
            else:
                wrong += _differing(head, row)
                rows.append(row)
                beside = None
        if head is not None:
            yield from self._group(head, _variant_rows(rows), wrong)

    def json(self, lines: Iterable[str]) -> Iterator[Read]:
        """The groups of JSON lines; blank ones do not count."""
        for line, text in enumerate(lines, 1):
            if len(text) > MOST_CHARACTERS:
                yield RowProblem(line, "", f"expected lines of at most {MOST_CHARACTERS} characters, got more; is this a file of a catalog?")
                return
            bare = text.removeprefix("\ufeff")
            if bare.strip():
                wrong: list[RowProblem] = []
                head, rows = _from_object(bare, line, wrong)
                yield from self._group(head, rows, wrong) if head.said else wrong

    def _group(self, head: Row, rows: list[Row], wrong: list[RowProblem]) -> Iterator[Read]:
        """One group, or what is wrong with it."""
        reading = Reading(self.schema, [*wrong])
        group = reading.group(head, rows)
        for row, column in ((head, "product"), *[(row, "sku") for row in rows]):
            name = row.said.get(column)
            if isinstance(name, str) and not self.seen.first(f"{column}\n{name}"):
                reading.tell(row, column, f"expected each {column} in one place, got {shown(name)} again")
        if group is None or reading.problems:
            yield from sorted(reading.problems, key=lambda problem: problem.line)
        else:
            yield GroupRead(head.line, group)


def _variant_rows(rows: list[Row]) -> list[Row]:
    """The rows that tell of a variant: a group without any is one row without a field of a variant."""
    return [row for row in rows if len(rows) > 1 or any(not is_of_group(column) for column in row.said)]


def _beside(row: Row, wrong: RowProblem | None) -> list[RowProblem]:
    if wrong is None:
        return []
    told = f"expected a product whose rows can all be read; one right before it, in line {wrong.line}, cannot, and may be one of them"
    return [RowProblem(row.line, "", told)]


def _differing(head: Row, row: Row) -> list[RowProblem]:
    """Where a later row of a group says something else of it than the first one."""
    wrong = []
    for column, value in row.said.items():
        first = head.said.get(column, "")
        if is_of_group(column) and value != first:
            told = f"expected what line {head.line} says of the same product ({shown(first)}), or nothing, got {shown(value)}"
            wrong.append(RowProblem(row.line, column, told))
    return wrong


def _csv_rows(lines: Iterable[str]) -> Iterator[Row | RowProblem]:
    """The rows below the head, each with the line it begins in; blank ones do not count."""
    reader = csv.reader(lines, strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield RowProblem(line, "", f"expected cells that CSV allows ({error}); is a quotation mark not closed?")
            return
        if cells is None:
            break
        if not any(cells):
            continue
        if not columns:
            columns = [cells[0].removeprefix("\ufeff"), *cells[1:]]
            wrong = _wrong_columns(columns, line)
            if wrong:
                yield from wrong
                return
        elif len(cells) != len(columns):
            yield RowProblem(line, "", f"expected {len(columns)} cells, as the head has, got {len(cells)}")
        else:
            said = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
            yield Row(line, said) if "product" in said else RowProblem(line, "product", "expected text, got nothing")
    if not columns:
        yield RowProblem(1, "", f"expected a head with the columns {', '.join(MUST)}, got an empty file")


def _wrong_columns(columns: list[str], line: int) -> list[RowProblem]:
    allowed = ", ".join([*GROUP, *(f"{name}:..." for name in (*GROUP_NAMED, "option")), *VARIANT])
    wrong = [
        RowProblem(line, column, f"expected columns out of {allowed}, each once, separated by commas")
        for place, column in enumerate(columns)
        if field_of(column) is None or column in columns[:place]
    ]
    missing = [column for column in MUST if column not in columns]
    if missing:
        wrong.append(RowProblem(line, "", f"expected a head with the columns {', '.join(MUST)}; missing: {', '.join(missing)}"))
    return wrong


def _from_object(text: str, line: int, wrong: list[RowProblem]) -> tuple[Row, list[Row]]:
    """An object of JSON as the rows that it stands for: objects of texts become columns such as `title:en`."""
    try:
        said = json.loads(text, parse_float=str, parse_constant=str, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        wrong.append(RowProblem(line, f"column {error.colno}", f"expected a product group as a JSON object on one line ({error.msg})"))
        return Row(line, {}), []
    except (ValueError, RecursionError) as error:
        wrong.append(RowProblem(line, "", f"expected a product group as a JSON object ({error})"))
        return Row(line, {}), []
    variants = said.pop("variants", []) if isinstance(said, dict) else None
    if not isinstance(variants, list) or not all(isinstance(each, dict) for each in variants):
        got, where = (variants, "variants") if isinstance(said, dict) else (said, "")
        wrong.append(RowProblem(line, where, f"expected an object with a list of variants, got {shown(got)}"))
        return Row(line, {}), []
    head = Row(line, _flat(said, {"title": "title", "description": "description", "attributes": "attribute"}, GROUP, line, "", wrong))
    if not head.said.get("product"):
        wrong.append(RowProblem(line, "product", "expected text, got nothing"))
    paths = [f"variants[{place}]." for place in range(len(variants))]
    rows = [Row(line, _flat(each, {"options": "option"}, VARIANT, line, path, wrong), path) for path, each in zip(paths, variants, strict=True)]
    return head, rows


def _flat(
    said: Mapping[str, Any], named: Mapping[str, str], allowed: Mapping[str, Any], line: int, path: str, wrong: list[RowProblem]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in said.items():
        if key in named and isinstance(value, dict):
            found.update({f"{named[key]}:{name}": each for name, each in value.items()})
        elif key in named:
            wrong.append(RowProblem(line, f"{path}{key}", f"expected an object, got {shown(value)}"))
        elif key not in allowed:
            wrong.append(RowProblem(line, f"{path}{key}", f"expected keys out of {', '.join([*named, *allowed])}"))
        elif value is not None and value not in ("", [], {}):
            found[key] = value
    return found
