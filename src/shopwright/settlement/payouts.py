"""What a provider pays out in sums: the lines of each payout, what has arrived at the bank for it, and what does not agree.

    PayoutBooks(...).plus(lines=ledger_lines, received=bank_lines).judged(at=now, terms=terms)

Rules
- BOOKS-8: both sides only grow: a line counts once under its id in the payout that names it last, and money that arrived once under the bank's name
  of it, however often they are read;
- a payout that agrees, or whose money may still come, is no break; what does not agree is told as `shopwright.settlement.reconciling` tells it
  (BOOKS-6), and anew as time passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from attrs import evolve, field, frozen

from shopwright.edges import aware
from shopwright.errors import InvalidValue
from shopwright.payments.ledger import LedgerLine
from shopwright.settlement.reconciling import BooksTerms, Break, PayoutReceived, PayoutSums, payout_break
from shopwright.settlement.transfers import StatementLine


@frozen
class PayoutLine:
    """What one line of a ledger brings into its payout: signed minor units after the fee."""

    id: str
    net: int
    currency: str


@frozen(kw_only=True)
class PayoutBooks:
    """Both sides of one payout of one gateway. `since` is when the last of its lines could be paid out. `is_open` says that something is awaited or
    broken.
    """

    id: str
    gateway: str
    payout: str
    lines: tuple[PayoutLine, ...] = ()
    received: tuple[PayoutReceived, ...] = ()
    since: datetime | None = None
    breaks: tuple[Break, ...] = ()
    is_open: bool = False

    @property
    def net(self) -> int:
        """What its lines add up to, in minor units."""
        return sum([line.net for line in self.lines])

    @property
    def arrived(self) -> int:
        """What has come of it, in minor units."""
        return sum([it.amount.minor for it in self.received])

    def plus(self, *, lines: Iterable[LedgerLine] = (), received: Iterable[PayoutReceived] = ()) -> PayoutBooks:
        """The books with what is new of this."""
        kept = {line.id: line for line in self.lines}
        came = {_name(it): it for it in self.received}
        since = self.since
        for line in lines:
            kept[line.line_id] = PayoutLine(line.line_id, line.net.minor, line.net.currency)
            since = line.available_on if since is None else max(since, line.available_on)
        came |= {_name(it): it for it in received}
        return evolve(self, lines=tuple(kept.values()), received=tuple(came.values()), since=since)

    def judged(self, *, at: datetime, terms: BooksTerms) -> PayoutBooks:
        """The books with what does not agree at this time."""
        currencies = frozenset({line.currency for line in self.lines} | {it.amount.currency for it in self.received})
        ids = tuple([line.id for line in self.lines])
        sums = PayoutSums(id=self.payout, net=self.net, currencies=currencies, lines=ids, since=self.since, received=self.received)
        found = payout_break(sums, at=at, terms=terms)
        awaited = bool(self.lines) and not self.received
        return evolve(self, breaks=() if found is None else (found,), is_open=awaited or found is not None)


@frozen(kw_only=True)
class PayoutsReport:
    """What came of reconciling the payouts of a gateway: how many were looked at, how many agree, and how many are awaited; each break.

    It is about every payout that has a line or money in that time, and every one that is still open.
    """

    gateway: str
    since: datetime = field(validator=aware)
    until: datetime = field(validator=aware)
    at: datetime = field(validator=aware)
    payouts: int
    agreed: int
    awaited: int
    breaks: tuple[Break, ...] = ()

    @property
    def is_balanced(self) -> bool:
        """Whether there is no break."""
        return not self.breaks


def reported(books: Iterable[PayoutBooks], *, gateway: str, since: datetime, until: datetime, at: datetime) -> PayoutsReport:
    """What the books of these payouts come to."""
    by_id = {it.id: it for it in books}
    breaks = tuple([each for id in sorted(by_id) for each in by_id[id].breaks])
    awaited = sum([it.is_open and not it.breaks for it in by_id.values()])
    agreed = sum([not it.is_open for it in by_id.values()])
    return PayoutsReport(gateway=gateway, since=since, until=until, at=at, payouts=len(by_id), agreed=agreed, awaited=awaited, breaks=breaks)


def payouts_in(lines: Iterable[StatementLine], pattern: str) -> Iterator[PayoutReceived]:
    """The payouts among the lines of a bank statement: those whose text or payer `pattern` finds something in, named by its first group.

    A line that takes money back (a payout of less than nothing) counts as well. Raises `InvalidValue` for a pattern without a group.
    """
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise InvalidValue(f"expected a regular expression such as 'STRIPE (po_\\w+)', got {pattern!r}: {error}") from error
    if found.groups < 1:
        raise InvalidValue(f"expected a group around the name of the payout, such as 'STRIPE (po_\\w+)', got {pattern!r}")
    for line in lines:
        named = found.search(line.text) or found.search(line.payer)
        if named is not None and named[1]:
            at = datetime.combine(line.booked_on, time(), tzinfo=UTC)
            yield PayoutReceived(id=named[1], amount=line.amount, at=at, line_id=line.id)


def _name(it: PayoutReceived) -> str:
    return it.line_id or f"{it.at.isoformat()}/{it.amount.minor}"
