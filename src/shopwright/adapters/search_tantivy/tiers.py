"""How well goods fit, as tiers: what is in a better one comes first, and in a tier the goods with the shorter title do, then those with the lower id.

Rules
- a code that is asked for as it is decides first; then whether words are there as they were said rather than taken apart, then in which field;
- Chinese that was asked for in a longer run is looked for by its words before it is by its characters, where `jieba` is installed to tell them;
- of goods that do not have all words, those come first whose words say more, for fewer goods have them;
- a tier leaves out what those before it have: tantivy hands over each page in its order, and no goods are ranked that nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import log2

from attrs import frozen

from shopwright.adapters.search_tantivy.fields import ALL, CUMULATED
from shopwright.adapters.search_tantivy.segmenting import words_of

Alternative = tuple[str, ...]
Group = tuple[Alternative, ...]

MOST_WEIGHED = 4
"""Of how many words each choice is a tier; of more words only how many there are counts."""


@frozen
class Tier:
    """What goods of a tier have: in this field, at least so many of the groups. `without` is what those of tiers before it have."""

    field: str
    groups: tuple[Group, ...]
    least: int
    without: tuple[Tier, ...] = ()


def tiers(groups: tuple[Group, ...], *, every: bool, counted: Callable[[Group], int], documents: int) -> Iterator[Tier]:
    """The tiers of a search, the best first; together they have all goods that are wanted."""
    if every:
        yield from _of_all_words(groups)
    elif len(groups) <= MOST_WEIGHED:
        yield from _of_weightiest(groups, [log2(1 + documents / (1 + counted(group))) for group in groups])
    else:
        for least in range(len(groups), 0, -1):
            yield Tier(ALL, groups, least, (Tier(ALL, groups, least + 1),) if least < len(groups) else ())


def _of_all_words(groups: tuple[Group, ...]) -> Iterator[Tier]:
    least, before = len(groups), list[Tier]()
    for stricter in _stricter(groups):
        last: list[Tier] = []
        for field in CUMULATED:
            tier = Tier(field, stricter, least)
            yield Tier(field, stricter, least, (*before, *last))
            last = [tier]
        before += last


def _stricter(groups: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    """The same groups with fewer alternatives, the fewest first."""
    coded = tuple([tuple([it for it in group if it[0].startswith("#")]) or group for group in groups])
    paired = tuple([group[:1] if _is_run(group) else group for group in groups])
    cut = tuple([_cut(group) if _is_run(group) else group for group in groups])
    return list(dict.fromkeys([*([coded] if coded != groups else []), paired, cut, groups]))


def _is_run(group: Group) -> bool:
    """Whether this is Chinese of three characters or more: its pairs, or its characters."""
    return len(group) == 2 and len(group[1]) == len(group[0]) + 1 > 2 and all(len(each) == 1 for each in group[1])


def _cut(group: Group) -> Group:
    """A run by its pairs, or by its words, where those are known."""
    found = tuple([word for word in words_of("".join(group[1])) if len(word) > 1])
    return (group[0], found) if found else group[:1]


def _of_weightiest(groups: tuple[Group, ...], weights: Sequence[float]) -> Iterator[Tier]:
    """A tier for each choice of groups, the weightiest first; what is in one has none of the other groups."""
    places = range(len(groups))
    choices = [choice for size in range(1, len(groups) + 1) for choice in combinations(places, size)]
    choices.sort(key=lambda choice: (-round(sum(weights[at] for at in choice), 6), choice))
    for choice in choices:
        others = tuple([Tier(ALL, (groups[at],), 1) for at in places if at not in choice])
        yield Tier(ALL, tuple([groups[at] for at in choice]), len(choice), others)
