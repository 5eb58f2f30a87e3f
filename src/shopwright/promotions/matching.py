"""Which lines of a basket are meant: predicates over one line, as values.

Rules
- a predicate looks at one line alone, never at the cart or at what promotions did to it;
- `keys` are pairs of an attribute and a value of which a line must have at least one for the predicate to hold: by them promotions are
  looked up; `None` says that any line may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Protocol

from attrs import field, frozen

from shopwright.edges import maybe, members, whole
from shopwright.errors import InvalidValue
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import ATTRIBUTES, Basket, BasketLine, Key, as_names, some_names

Keys = frozenset[Key] | None


class LineMatch(Protocol):
    """Says which lines are meant. Pure: the same line of the same basket always gets the same answer."""

    @property
    def keys(self) -> Keys:
        """What at least one of must be found on a line; `None` for anything."""
        ...

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether this line is meant."""
        ...


@frozen
class Anything:
    """Every line."""

    @property
    def keys(self) -> Keys:
        """Any line may do."""
        return None

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Yes."""
        return True


@frozen(slots=False)
class Named:
    """Lines whose attribute is, or has, one of these values: `Named("tag", {"summer"})`."""

    attribute: str = field()
    values: frozenset[str] = field(converter=as_names, validator=some_names)

    def __attrs_post_init__(self) -> None:
        if self.attribute not in ATTRIBUTES:
            raise InvalidValue(f"expected one of the attributes {', '.join(sorted(ATTRIBUTES))}, got {self.attribute!r}")

    @cached_property
    def keys(self) -> Keys:
        """One of the values."""
        return frozenset((self.attribute, value) for value in self.values)

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether the line has one of the values."""
        found = getattr(line, ATTRIBUTES[self.attribute])
        return not self.values.isdisjoint(found) if isinstance(found, frozenset) else found in self.values


@frozen
class Priced:
    """Lines whose unit price is in a range, both ends in it; a currency without an amount has no end there."""

    least: Amounts = field(default=(), converter=as_amounts, validator=amounts(least=0, some=False))
    most: Amounts = field(default=(), converter=as_amounts, validator=amounts(least=0, some=False))

    @property
    def keys(self) -> Keys:
        """Any line may do."""
        return None

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether the unit price is in the range; never in a currency that neither end names."""
        low = amount_for(self.least, currency=basket.currency, channel=basket.channel)
        high = amount_for(self.most, currency=basket.currency, channel=basket.channel)
        if low is None and high is None:
            return False
        return (low is None or line.unit_price >= low) and (high is None or line.unit_price <= high)


@frozen
class NotReduced:
    """Lines whose price is not a reduced one already."""

    @property
    def keys(self) -> Keys:
        """Any line may do."""
        return None

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether the price is the full one."""
        return not line.reduced


@frozen
class Quantity:
    """Lines of so many units."""

    least: int = field(default=1, validator=whole(least=1))
    most: int | None = field(default=None, validator=maybe(whole(least=1)))

    @property
    def keys(self) -> Keys:
        """Any line may do."""
        return None

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether the quantity is in the range."""
        return line.quantity >= self.least and (self.most is None or line.quantity <= self.most)


def keys_of_all(parts: Iterable[Keys]) -> Keys:
    """The keys of what holds when all parts do: those of the part with the fewest."""
    known = [keys for keys in parts if keys is not None]
    return min(known, key=len) if known else None


def keys_of_any(parts: Iterable[Keys]) -> Keys:
    """The keys of what holds when one of the parts does: those of all, when each has some."""
    found: frozenset[Key] = frozenset()
    for keys in parts:
        if keys is None:
            return None
        found |= keys
    return found


def is_match(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a predicate over lines, ours or a plug-in's."""
    if not (callable(getattr(value, "holds", None)) and hasattr(value, "keys")):
        where = f"{type(instance).__name__}.{attribute.name}"
        raise InvalidValue(f"{where} must say which lines are meant, as Named('sku', ...) does, got {type(value).__name__}")


def _are_matches(instance: Any, attribute: Any, value: Any) -> None:
    members(object, least=1)(instance, attribute, value)
    for each in value:
        is_match(instance, attribute, each)


@frozen(slots=False)
class Every:
    """Lines that all of these mean."""

    of: tuple[LineMatch, ...] = field(validator=_are_matches)

    @cached_property
    def keys(self) -> Keys:
        """Those of the part with the fewest: each part must hold."""
        return keys_of_all(part.keys for part in self.of)

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether all parts hold."""
        return all(part.holds(line, basket) for part in self.of)


@frozen(slots=False)
class Either:
    """Lines that at least one of these means."""

    of: tuple[LineMatch, ...] = field(validator=_are_matches)

    @cached_property
    def keys(self) -> Keys:
        """Those of all parts, when each has some."""
        return keys_of_any(part.keys for part in self.of)

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether one of the parts holds."""
        return any(part.holds(line, basket) for part in self.of)


@frozen
class Except:
    """Lines that this does not mean."""

    of: LineMatch = field(validator=is_match)

    @property
    def keys(self) -> Keys:
        """Any line may do."""
        return None

    def holds(self, line: BasketLine, basket: Basket) -> bool:
        """Whether it does not hold."""
        return not self.of.holds(line, basket)


ANYTHING = Anything()
"""Every line."""


def meant(match: LineMatch, basket: Basket) -> tuple[int, ...]:
    """The places of the lines that are meant, in ascending order; looked for once in a basket."""
    known = basket.known.get(id(match))
    if known is not None and known[0] is match:
        found: tuple[int, ...] = known[1]
        return found
    lines = basket.lines
    places = tuple([place for place in _candidates(match.keys, basket) if match.holds(lines[place], basket)])
    basket.known[id(match)] = match, places
    return places


def _candidates(keys: Keys, basket: Basket) -> Iterable[int]:
    """The lines that have one of the keys."""
    if keys is None:
        return range(len(basket.lines))
    places = basket.places
    fewer, more = (keys, places) if len(keys) < len(places) else (places, keys)
    return sorted({place for key in fewer if key in more for place in places[key]})
