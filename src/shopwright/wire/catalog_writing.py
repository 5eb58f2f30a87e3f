"""A catalog written as a file that `read_catalog` brings back as it was.

    columns = csv_columns(groups)                      # CSV names its columns first: one pass over the groups
    for line in write_catalog(groups, form="csv", columns=columns):
        file.write(line)                               # a file that was opened with newline="" and encoding="utf-8"

Rules
- what is as it is when nothing is said is left empty, so that files stay narrow;
- nothing is lost on the way: where CSV has no column for something that a group tells, writing stops and says so;
- one group is held at a time.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from shopwright.catalog.groups import Kind, ProductGroup, Status
from shopwright.catalog.measures import Measures
from shopwright.catalog.variants import Media, MediaType, Option, Variant
from shopwright.errors import InvalidValue
from shopwright.wire.catalog_fields import GROUP, GROUP_NAMED, MUST, VARIANT, joined
from shopwright.wire.catalog_files import Form
from shopwright.wire.catalog_groups import options_told

MOST_CELL = 131_072
"""The longest cell that readers of CSV take, in characters."""


class _Line:
    """What `csv.writer` writes to, to get the line back."""

    def write(self, line: str) -> str:
        return line


def csv_columns(groups: Iterable[ProductGroup]) -> tuple[str, ...]:
    """The columns that these groups need, in an order that does not depend on theirs."""
    needed = {*MUST}
    for group in groups:
        for row in _rows(group):
            needed |= row.keys()
    plain = [*GROUP, *VARIANT]
    return tuple(sorted(needed, key=lambda column: _place(column, plain)))


def _place(column: str, plain: list[str]) -> tuple[int, int, str]:
    """The group first, then the variant, each with its named columns at the end."""
    name = column.partition(":")[0]
    if column in GROUP or name in GROUP_NAMED:
        return (0, plain.index(column) if column in GROUP else len(plain), column)
    return (1, plain.index(column) if column in VARIANT else len(plain), column)


def write_catalog(groups: Iterable[ProductGroup], *, form: Form, columns: Iterable[str] = ()) -> Iterator[str]:
    """The lines of a file, each with its end. CSV needs its columns, as `csv_columns` tells them.

    Raises `InvalidValue` for CSV without columns, and for a group that tells something for which there is no column or a cell is too short.
    """
    if form == "jsonl":
        for group in groups:
            yield json.dumps(_object(group), ensure_ascii=False, separators=(",", ":")) + "\n"
        return
    named = tuple(columns)
    if not named:
        raise InvalidValue("expected the columns of the CSV file, got none; csv_columns(groups) tells them")
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(named)
    for group in groups:
        for row in _rows(group):
            lost = [column for column in row if column not in named]
            if lost or any(len(cell) > MOST_CELL for cell in row.values()):
                what = f"the columns {', '.join(lost)} are missing" if lost else f"a cell has more than {MOST_CELL} characters"
                raise InvalidValue(f"cannot write product group {group.id} as CSV: {what}; write JSON lines, or add them")
            yield writer.writerow([row.get(column, "") for column in named])


def _rows(group: ProductGroup) -> list[dict[str, str]]:
    """A group as rows of CSV: what belongs to it stands in the first."""
    head = {column: _cell(column, value) for column, value in _group_fields(group).items()}
    for name, pairs in (("title", group.titles.said), ("description", group.descriptions.said), ("attribute", group.attributes)):
        head |= {f"{name}:{key}": value for key, value in pairs}
    rows = []
    for number, variant in enumerate(group.variants):
        row = head if not number else {"product": group.id}
        said = {column: _cell(column, value) for column, value in _variant_fields(variant).items()}
        rows.append({**row, **said, **{f"option:{code}": value for code, value in variant.options}})
    return rows or [head]


def _cell(column: str, value: Any) -> str:
    if isinstance(value, list):
        # Addresses and options may be told as JSON, which readers know by its bracket.
        plain = column not in ("media", "options") or (all(isinstance(each, str) for each in value) and not value[0].startswith("["))
        return joined(value) if plain else json.dumps(value, ensure_ascii=False)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _object(group: ProductGroup) -> dict[str, Any]:
    """A group as an object of JSON."""
    texts = {"title": dict(group.titles.said), "description": dict(group.descriptions.said), "attributes": dict(group.attributes)}
    variants = [{**_variant_fields(variant), **({"options": dict(variant.options)} if variant.options else {})} for variant in group.variants]
    return {**_group_fields(group), **{name: pairs for name, pairs in texts.items() if pairs}, **({"variants": variants} if variants else {})}


def _group_fields(group: ProductGroup) -> dict[str, Any]:
    said: dict[str, Any] = {
        "product": group.id,
        "seller": group.seller_id,
        "kind": "" if group.kind is Kind.PHYSICAL else group.kind.value,
        "status": "" if group.status is Status.DRAFT else group.status.value,
        "brand": group.brand,
        "categories": list(group.categories),
        "tags": list(group.tags),
        "channels": list(group.channels),
        "tax_class": "" if group.tax_class == "standard" else group.tax_class,
        "media": [_medium(medium) for medium in group.media],
        "options": [] if options_told(group) else [_option(option) for option in group.options],
    }
    return {name: value for name, value in said.items() if value}


def _medium(medium: Media) -> str | dict[str, Any]:
    if medium.type is MediaType.IMAGE and not medium.alt.said and not medium.sku:
        return medium.url
    said = {"url": medium.url, "type": medium.type.value, "alt": dict(medium.alt.said), "sku": medium.sku}
    return {name: value for name, value in said.items() if value}


def _option(option: Option) -> dict[str, Any]:
    said = {"code": option.code, "values": list(option.values), "titles": dict(option.titles.said)}
    return {name: value for name, value in said.items() if value}


def _variant_fields(variant: Variant) -> dict[str, Any]:
    measures: Measures = variant.measures
    said: dict[str, Any] = {
        "sku": variant.sku,
        "barcode": variant.barcode,
        "prices": [str(price) for price in variant.prices],
        "floors": [str(floor) for floor in variant.floors],
        "weight_g": measures.weight_g,
        "length_mm": measures.length_mm,
        "width_mm": measures.width_mm,
        "height_mm": measures.height_mm,
        "components": [f"{component.sku} x {component.quantity}" for component in variant.components],
    }
    if variant.assembled:
        said["assembled"] = True
    told = {name: value for name, value in said.items() if value}
    return told if variant.tracked else {**told, "tracked": False}
