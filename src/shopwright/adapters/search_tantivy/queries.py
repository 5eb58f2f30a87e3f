"""What is wanted, as queries of tantivy.

Rules
- a value travels as a term and is never read as a query; only ranges of digits that we made go through tantivy's parser, for it has no other way;
- nothing is scored: goods come in the order of a field, so that a page goes on where the one before ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from shopwright.adapters.search_tantivy.fields import ALL, attribute_path, digits, least_in
from shopwright.adapters.search_tantivy.tiers import Group, Tier
from shopwright.adapters.searching import Wanted
from shopwright.money.currencies import EXPONENTS

if TYPE_CHECKING:
    from tantivy import Index, Query


@frozen
class Queries:
    """Makes the queries of one index."""

    index: Index

    @property
    def _query(self) -> type[Query]:
        from tantivy import Query

        return Query

    def wanted(self, wanted: Wanted) -> Query:
        """All goods that are wanted."""
        return self.both(self.tier(Tier(ALL, wanted.groups, len(wanted.groups) if wanted.every else 1)), *self.filters(wanted))

    def tier(self, tier: Tier) -> Query:
        """All goods of a tier, whatever the filters."""
        from tantivy import Occur

        groups = [self._group(tier.field, group) for group in tier.groups]
        if not groups:
            return self._query.all_query()
        if tier.least == len(groups):
            parts = [(Occur.Must, group) for group in groups]
        else:
            least = self._query.boolean_query([(Occur.Should, group) for group in groups], minimum_number_should_match=tier.least)
            parts = [(Occur.Must, least)]
        parts += [(Occur.MustNot, self.tier(other)) for other in tier.without]
        return parts[0][1] if len(parts) == 1 else self._query.boolean_query(parts)

    def filters(self, wanted: Wanted) -> list[Query]:
        """What goods must pass beside the words."""
        found = [self.any_of(facet_path(name), values) for name, values in wanted.chosen]
        if wanted.currency:
            found.append(self._price(wanted.currency, *wanted.price))
        if wanted.channel:
            found.append(self.any_of("channel", ("*", f"={wanted.channel}")))
        if wanted.in_stock:
            found.append(self.term("in_stock", True))
        return found

    def term(self, field: str, value: Any) -> Query:
        """Goods that have this value in this field."""
        return self._query.term_query(self.index.schema, field, value, "basic")

    def any_of(self, field: str, values: tuple[str, ...]) -> Query:
        """Goods that have one of these values in this field."""
        from tantivy import Occur

        terms = [self.term(field, value) for value in values]
        return terms[0] if len(terms) == 1 else self._query.boolean_query([(Occur.Should, term) for term in terms])

    def both(self, *parts: Query) -> Query:
        """Goods that all of these find."""
        from tantivy import Occur

        return parts[0] if len(parts) == 1 else self._query.boolean_query([(Occur.Must, part) for part in parts])

    def beyond(self, field: str, ordered: str) -> Query:
        """Goods that come after this one, in the order of a field of digits."""
        return self.index.parse_query(f"{field}:{{{ordered} TO *}}", [field])

    def numbers(self, field: str, least: int | None, most: int | None) -> Query:
        """Goods whose number in this field is from `least` to `most`, both included."""
        from tantivy import FieldType

        return self._query.range_query(self.index.schema, field, FieldType.Integer, least, most)

    def _group(self, field: str, group: Group) -> Query:
        from tantivy import Occur

        alternatives = [self.both(*[self.term(field, term) for term in alternative]) for alternative in group]
        return alternatives[0] if len(alternatives) == 1 else self._query.boolean_query([(Occur.Should, each) for each in alternatives])

    def _price(self, currency: str, least: int | None, most: int | None) -> Query:
        if currency not in EXPONENTS:
            return self._query.empty_query()
        if least is None and most is None:
            return self._query.exists_query(least_in(currency))
        low, high = ("*" if bound is None else bound for bound in (least, most))
        return self.index.parse_query(f"prices.{currency}:[{low} TO {high}]", ["prices"])


def facet_path(name: str) -> str:
    """The field of a facet."""
    return attribute_path(name) if name.startswith("attribute:") else name


def beyond_id(id: str) -> str:
    """What `by_id` is compared with."""
    return digits(id)
