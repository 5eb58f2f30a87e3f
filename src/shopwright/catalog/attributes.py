"""What can be said of goods beyond their names: attributes with a type, asked for by category.

    material = Attribute("material", AttributeType.CHOICE, choices=("cotton", "linen"))
    schema = AttributeSchema((material,), (AttributeUse("material", "clothing", required=True),), tree)
    schema.problems(("shirts",), {"material": "silk"})

Rules
- an attribute has one type in the whole catalog, and categories say which of them they use, so that what is inherited never disagrees;
- a category uses what those above it use; what is required above is required below; a use without a category is for all goods;
- values are kept as text in one form: numbers without needless zeros and without their unit, flags as `true` and `false`;
- a number is exact, has at most 15 digits before its point and 6 behind, and is never converted: another unit than the attribute's is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from attrs import field, frozen

from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.languages import Texts
from shopwright.edges import Pairs, identifier, maybe, members, of, sorted_pairs, text, text_problem, texts
from shopwright.errors import InvalidValue

MOST_VALUE = 4_000
"""The longest value, in characters."""

_NUMBER = re.compile(r"(-?)0*(\d{1,15})(?:\.(\d{1,6}))?")


class AttributeType(StrEnum):
    """What the values of an attribute are."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"


@frozen
class Attribute:
    """Something that can be said of goods. `unit` is what numbers are in, `choices` what a choice chooses from, in the order people see.

    Raises `InvalidValue` for a unit of what is no number, choices of what is no choice, and a choice with none or one of them twice.
    """

    code: str = field(validator=identifier(most=60))
    type: AttributeType = field(default=AttributeType.TEXT, validator=of(AttributeType))
    unit: str = field(default="", kw_only=True, validator=text(most=20))
    choices: tuple[str, ...] = field(default=(), kw_only=True, validator=texts(least=1))
    titles: Texts = field(factory=Texts, kw_only=True, validator=of(Texts))

    def __attrs_post_init__(self) -> None:
        if self.unit and self.type is not AttributeType.NUMBER:
            raise InvalidValue(f"attribute {self.code} is {self.type} and has the unit {self.unit}; only numbers have one")
        if bool(self.choices) != (self.type is AttributeType.CHOICE) or len(set(self.choices)) < len(self.choices):
            told = f"attribute {self.code} is {self.type} and has the choices {self.choices}"
            raise InvalidValue(f"{told}; a choice has some, each once, and nothing else has any")

    def kept(self, value: str) -> str:
        """A value in the form in which it is kept. Raises `InvalidValue`, saying what was expected, for what is no value of this attribute."""
        problem = text_problem(value, least=1, most=MOST_VALUE)
        if problem:
            raise InvalidValue(f"a value of {self.code} {problem}")
        if self.type is AttributeType.NUMBER:
            return self._number(value)
        if self.type is AttributeType.FLAG and value not in ("true", "false"):
            raise InvalidValue(f"expected true or false, got {value[:60]!r}")
        if self.type is AttributeType.CHOICE and value not in self.choices:
            raise InvalidValue(f"expected one of {', '.join(self.choices)}, got {value[:60]!r}")
        return value

    def meant(self, value: str) -> str | Decimal | bool:
        """A value as what it means: a number as an exact `Decimal`, a flag as a boolean, else the text. Raises as `kept` does."""
        kept = self.kept(value)
        if self.type is AttributeType.NUMBER:
            return Decimal(kept)
        return kept == "true" if self.type is AttributeType.FLAG else kept

    def _number(self, value: str) -> str:
        bare = value.removesuffix(self.unit).rstrip(" ") if self.unit else value
        found = _NUMBER.fullmatch(bare) if bare.isascii() else None
        if found is None:
            unit = f" in {self.unit}" if self.unit else ""
            raise InvalidValue(f"expected a number{unit} such as 12.5, got {value[:60]!r}")
        sign, ones, part = found.groups()
        digits = f"{ones}.{(part or '').rstrip('0')}".rstrip(".")
        return digits if digits == "0" else sign + digits


@frozen
class AttributeUse:
    """A category, or all goods where it is `None`, uses an attribute, and may require it."""

    code: str = field(validator=identifier(most=60))
    category: str | None = field(default=None, validator=maybe(identifier()))
    required: bool = field(default=False, kw_only=True, validator=of(bool))


@frozen
class AttributeProblem:
    """What is wrong with one attribute of a thing, in words."""

    code: str
    message: str


@frozen(slots=False)
class AttributeSchema:
    """The attributes of a catalog, and which categories use which.

    Raises `InvalidValue` for an attribute that is defined twice, or used and never defined.
    """

    attributes: tuple[Attribute, ...] = field(default=(), validator=members(Attribute))
    uses: tuple[AttributeUse, ...] = field(default=(), validator=members(AttributeUse))
    tree: CategoryTree = field(factory=CategoryTree, validator=of(CategoryTree))

    def __attrs_post_init__(self) -> None:
        if len(self._by_code) < len(self.attributes):
            raise InvalidValue(f"expected each attribute once, got {', '.join(it.code for it in self.attributes)}")
        unknown = sorted({use.code for use in self.uses} - self._by_code.keys())
        if unknown:
            raise InvalidValue(f"expected uses of attributes that are defined, got {', '.join(unknown)}; allowed: {', '.join(self._by_code)}")

    def asked(self, categories: Iterable[str]) -> dict[str, bool]:
        """The attributes that goods in these categories can have, in the order of their definition, and whether each is required."""
        inside = self.tree.with_above(categories)
        used: dict[str, bool] = {}
        for use in self.uses:
            if use.category is None or use.category in inside:
                used[use.code] = used.get(use.code, False) or use.required
        return {code: used[code] for code in self._by_code if code in used}

    def attribute(self, code: str) -> Attribute | None:
        """The attribute of this code; `None` where the catalog does not define it."""
        return self._by_code.get(code)

    def problems(self, categories: Iterable[str], values: Mapping[str, str] | Pairs) -> tuple[AttributeProblem, ...]:
        """All that is wrong with the values of goods in these categories: what is missing, what is not asked for, and what is no value."""
        said, asked = dict(values), self.asked(categories)
        missing = [code for code, must in asked.items() if must and code not in said]
        found = [AttributeProblem(code, "expected a value, got nothing; the category requires it") for code in missing]
        for code, value in said.items():
            if code not in asked:
                found.append(AttributeProblem(code, f"expected an attribute of its categories, got {code}; allowed: {', '.join(asked) or 'none'}"))
                continue
            try:
                self._by_code[code].kept(value)
            except InvalidValue as error:
                found.append(AttributeProblem(code, str(error)))
        return tuple(found)

    def kept(self, values: Mapping[str, str] | Pairs) -> Pairs:
        """These values in the form in which they are kept, those of attributes that nobody defines as they are. Raises as `Attribute.kept`."""
        pairs = sorted_pairs(values)
        return tuple([(code, self._by_code[code].kept(value) if code in self._by_code else value) for code, value in pairs])

    @cached_property
    def _by_code(self) -> dict[str, Attribute]:
        return {attribute.code: attribute for attribute in self.attributes}
