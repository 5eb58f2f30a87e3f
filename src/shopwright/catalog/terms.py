"""How a shop keeps its catalog: chosen once, and the same for every group."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from shopwright.catalog.price_history import DAYS
from shopwright.edges import maybe, of, texts, whole
from shopwright.errors import InvalidValue
from shopwright.periods import zone_of


def _is_zone(instance: Any, attribute: Any, value: Any) -> None:
    where = f"{type(instance).__name__}.{attribute.name}"
    if not isinstance(value, str):
        raise InvalidValue(f"{where} must be the name of a zone such as Europe/Berlin, got {value!r}")
    try:
        zone_of(value)
    except InvalidValue as error:
        raise InvalidValue(f"{where}: {error}") from None


@frozen(kw_only=True)
class ListTerms:
    """A shop with these asks its price lists, and keeps what everything was to cost.

    The prior price of a reduction is the lowest of so many `days` before it, which are those of the calendar of the `zone`.
    """

    zone: str = field(default="UTC", validator=_is_zone)
    days: int = field(default=DAYS, validator=whole(least=1, most=365))


@frozen(kw_only=True)
class CatalogTerms:
    """`languages` are those in which products are named in carts and on orders: the title of a group in the first that it has.

    With `lists`, carts and pages ask the price lists that the shop keeps; without, a product has its own prices alone.
    """

    languages: tuple[str, ...] = field(default=(), validator=texts(least=1))
    lists: ListTerms | None = field(default=None, validator=maybe(of(ListTerms)))
