"""An effect: what is meant costs whole euros, or whole tens of them, rounded down."""

from __future__ import annotations

from attrs import field, frozen
from shopwright.money import allocate
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket
from shopwright.promotions.effects import Aim, at_most
from shopwright.promotions.matching import ANYTHING, Keys, LineMatch, is_match, meant
from shopwright.promotions.reads import MARKET, ROOM, Reads, reads_of
from shopwright.promotions.taking import NOTHING, Tab, Taken


@frozen
class RoundDown:
    """What is left of the price of these lines, rounded down to a multiple of this amount."""

    to: Amounts = field(converter=as_amounts, validator=amounts())
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    aim = Aim.ORDER

    @property
    def reads(self) -> Reads:
        """What tells the lines and the amount, and how much may be taken off a line."""
        return reads_of(self.lines) | MARKET | ROOM

    @property
    def keys(self) -> Keys:
        """Those of the lines."""
        return self.lines.keys

    def take(self, tab: Tab) -> Taken:
        """What is over, split by what is left of each line, and no line below its floor."""
        step = amount_for(self.to, currency=tab.basket.currency, channel=tab.basket.channel)
        places = meant(self.lines, tab.basket)
        left = [tab.left[place] for place in places]
        if step is None or not sum(left) % step:
            return NOTHING
        return Taken(tab.over_lines(places, tab.kept_to_room(places, allocate(sum(left) % step, left))))

    def most(self, basket: Basket) -> int:
        """One unit less than the amount, or all that may be taken off the lines."""
        step = amount_for(self.to, currency=basket.currency, channel=basket.channel)
        return 0 if step is None else min(step - 1, at_most(basket, self.lines))

    def touches(self, basket: Basket) -> tuple[int, ...]:
        """The lines that are meant: what happens to others changes nothing here."""
        return meant(self.lines, basket)
