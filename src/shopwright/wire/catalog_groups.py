"""Product groups from what rows and objects of a file say, with all that is wrong in them.

Rules
- every wrong cell of a group is told, not only the first; a group with one is not made;
- values of attributes are kept in the form that the schema has for them, where one is given, and are checked by it;
- options that are not told are those that the variants name, their values in the order in which they come.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from reprlib import repr as shown
from typing import Any, TypeVar

from attrs import define, field, frozen

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.languages import Texts
from shopwright.catalog.measures import Measures
from shopwright.catalog.variants import Option, Variant
from shopwright.errors import InvalidValue
from shopwright.wire.catalog_fields import GROUP, VARIANT, field_of

T = TypeVar("T")

_FIELD = re.compile(r"[A-Z]\w+\.(\w+)")
_COLUMNS = {"id": "product", "seller_id": "seller", "titles": "title", "descriptions": "description"}
_MEASURES = ("weight_g", "length_mm", "width_mm", "height_mm")


@frozen
class RowProblem:
    """Something in a file of a catalog that is wrong: its line, the column or path in it (empty for the whole), and what was expected."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message}" if self.column else f"line {self.line}: {self.message}"


@frozen
class Row:
    """What a row or an object says: where it stands, what is told before its columns (`variants[0].`), and its fields that are not empty."""

    line: int
    said: Mapping[str, Any]
    path: str = ""


@define
class Reading:
    """The making of one group, and what is wrong with it so far."""

    schema: AttributeSchema | None = None
    problems: list[RowProblem] = field(factory=list)

    def tell(self, row: Row, column: str, message: str) -> None:
        """One more thing that is wrong."""
        self.problems.append(RowProblem(row.line, f"{row.path}{column}" if column else row.path.rstrip("."), message))

    def group(self, head: Row, rows: Sequence[Row]) -> ProductGroup | None:
        """The group that these rows say; `None` where something is wrong."""
        said = {column: self._cell(head, column) for column in head.said if column in GROUP}
        named = self._named(head)
        variants = [self._variant(row) for row in rows]
        if "seller" not in said:
            self.tell(head, "seller", "expected text, got nothing")
        titles = self._made(head, "title", lambda: Texts(named.get("title", {})))
        descriptions = self._made(head, "description", lambda: Texts(named.get("description", {})))
        attributes = self._attributes(head, said.get("categories") or (), named.get("attribute", {}))
        if self.problems:
            return None
        given = {_names.get(column, column): value for column, value in said.items()}
        made = [variant for variant in variants if variant is not None]
        options = given.pop("options", None) or _options_of(made)
        return self._made(
            head,
            "",
            lambda: ProductGroup(
                titles=titles or Texts(), descriptions=descriptions or Texts(), attributes=attributes, options=options, variants=tuple(made), **given
            ),
        )

    def _variant(self, row: Row) -> Variant | None:
        said = {column: self._cell(row, column) for column in row.said if column in VARIANT}
        options = self._named(row).get("option", {})
        if "sku" not in said:
            self.tell(row, "sku", "expected text, got nothing")
        if said.get("sku") is None:
            return None
        # What can be read is tried even where a cell cannot, so that all that is wrong is told.
        sound = {name: value for name, value in said.items() if value is not None}
        measures = {name: sound.pop(name) for name in _MEASURES if name in sound}
        return self._made(row, "", lambda: Variant(sound.pop("sku"), options, measures=Measures(**measures), **sound))

    def _cell(self, row: Row, column: str) -> Any:
        """A field, read; `None` where it cannot be."""
        found, value = field_of(column), row.said[column]
        if found is None:
            self.tell(row, column, "expected a field of a catalog")
            return None
        try:
            return found.read(value)
        except (ValueError, TypeError, RecursionError) as error:
            self.tell(row, column, f"expected {found.expected}, got {shown(value)} ({error})")
        return None

    def _named(self, row: Row) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for column in row.said:
            name, colon, rest = column.partition(":")
            if colon and (value := self._cell(row, column)) is not None:
                found.setdefault(name, {})[rest] = value
        return found

    def _attributes(self, row: Row, categories: Sequence[str], values: Mapping[str, str]) -> dict[str, str]:
        if self.schema is None:
            return dict(values)
        for problem in self.schema.problems(categories, values):
            self.tell(row, f"attribute:{problem.code}", problem.message)
        return {} if self.problems else dict(self.schema.kept(values))

    def _made(self, row: Row, column: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except InvalidValue as error:
            said = str(error)
            named = _FIELD.match(said)
            self.tell(row, column or (_COLUMNS.get(named[1], named[1]) if named else ""), said)
        return None


_names = {column: name for name, column in _COLUMNS.items()}


def _options_of(variants: Sequence[Variant]) -> tuple[Option, ...]:
    """The options that variants name, in the order of their codes, with the values in the order in which they come."""
    found: dict[str, dict[str, None]] = {}
    for variant in variants:
        for code, value in variant.options:
            found.setdefault(code, {})[value] = None
    return tuple([Option(code, tuple(values)) for code, values in sorted(found.items())])


def options_told(group: ProductGroup) -> bool:
    """Whether the options of a group follow from its variants, so that a file need not tell them."""
    return group.options == _options_of(group.variants)
