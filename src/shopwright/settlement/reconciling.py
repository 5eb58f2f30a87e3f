"""Hold what a shop has booked against what a provider says it booked, payment by payment, and tell each break for what it is.

    found = reconcile(movements, lines, at=now)
    assert not found.breaks, found.breaks

Rules
- BOOKS-1: a movement and a line of one payment and kind are one when their amounts are the same; of several the oldest go together;
- BOOKS-2: what is left of one payment and kind goes together where its sums are the same, since providers bundle and split;
- BOOKS-3: what is left on both sides is one break; on ours alone it is awaited for `patience` and missing there afterwards; on theirs alone
  it is missing here at once, for a provider books nothing ahead of time;
- BOOKS-4: a refund that came back, of which the provider has booked neither way, is settled within itself;
- BOOKS-5: every movement and every line is in one match, awaited or in one break: the sums of the three are the sums of what was given;
- BOOKS-6: a payout is the sum of the net amounts of its lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Money, Rounding, share
from shopwright.payments.ledger import LedgerLine
from shopwright.settlement.movements import Movement, MovementKind

PAYOUT = "payout"
"""The kind of the lines by which a provider tells that it paid out; they are no movement of a payment."""


class BreakKind(StrEnum):
    """In what way two books differ."""

    MISSING_HERE = "missing_here"
    """The provider booked what the shop knows nothing of."""
    MISSING_THERE = "missing_there"
    """The shop booked what the provider has not, longer ago than it may take."""
    AMOUNT_DIFFERS = "amount_differs"
    CURRENCY_DIFFERS = "currency_differs"
    FEE_DIFFERS = "fee_differs"
    """The books agree, and the fee is not the one that was agreed."""
    LATE = "late"
    """The books agree, and the provider booked later than it may."""
    LINE_UNKNOWN = "line_unknown"
    """A line of a kind that nobody expects: a fee of its own, a correction."""
    PAYOUT_DIFFERS = "payout_differs"
    """Another amount has arrived than the lines of the payout add up to."""
    PAYOUT_MISSING = "payout_missing"
    """The lines of a payout could be paid out for longer than it may take, and nothing has arrived."""
    PAYOUT_UNKNOWN = "payout_unknown"
    """Money has arrived as a payout that no line names."""


@frozen(kw_only=True)
class Break:
    """One difference, for a person to clear up: what the shop counts on (`ours`) and what it was told (`theirs`), signed minor units.

    `reference` names the payment, or the payout. `currency` is that of `theirs` where the two differ.
    """

    kind: BreakKind = field(validator=of(BreakKind))
    reference: str
    what: str
    ours: int
    theirs: int
    currency: str
    since: datetime = field(validator=aware)
    movements: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@frozen(kw_only=True)
class Match:
    """Movements of ours and lines of theirs that are the same money, by their ids."""

    reference: str
    kind: MovementKind
    amount: int
    currency: str
    fee: int
    movements: tuple[str, ...]
    lines: tuple[str, ...]


@frozen(kw_only=True)
class FeeRule:
    """What a provider takes of a charge: basis points of it and a fixed amount; `returned` with a refund, in the same part, or kept.

    `tolerance` is how many minor units a fee may be off for the provider's own rounding.
    """

    basis_points: int = field(default=0, validator=whole(least=0, most=BASIS_POINTS))
    fixed: int = field(default=0, validator=whole(least=0))
    returned: bool = False
    tolerance: int = field(default=1, validator=whole(least=0))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))

    def expected(self, line: LedgerLine) -> int:
        """The fee of a line, in minor units."""
        part = share(abs(line.gross.minor), self.basis_points, self.rounding)
        if line.kind == MovementKind.CHARGE:
            return part + self.fixed
        return -part if self.returned and line.kind == MovementKind.REFUND else 0


@frozen(kw_only=True)
class BooksTerms:
    """How long a provider may take to book or to pay out, what it may charge (`None`: not looked at), and which kinds of lines of its own
    are nothing to clear up.
    """

    patience: timedelta = field(default=timedelta(days=3), validator=of(timedelta))
    fee: FeeRule | None = field(default=None, validator=maybe(of(FeeRule)))
    expected_kinds: tuple[str, ...] = field(default=(PAYOUT,), validator=members(str))

    def __attrs_post_init__(self) -> None:
        if self.patience < timedelta(0):
            raise InvalidValue(f"BooksTerms.patience must not be negative, got {self.patience}")


@frozen(kw_only=True)
class Reconciled:
    """What the two books say: what agrees, what is awaited (movements of ours), and each break."""

    matches: tuple[Match, ...] = ()
    awaited: tuple[Movement, ...] = ()
    breaks: tuple[Break, ...] = ()


@frozen(kw_only=True)
class PayoutReceived:
    """Money of a provider that has arrived at the bank, under the provider's name of the payout; `line_id` is the bank's own name, if it has one."""

    id: str = field(validator=identifier())
    amount: Money = field(validator=of(Money))
    at: datetime = field(validator=aware)
    line_id: str = field(default="", validator=text())


def reconcile(movements: Iterable[Movement], lines: Iterable[LedgerLine], *, at: datetime, terms: BooksTerms = BooksTerms()) -> Reconciled:
    """The two books of one account at one provider, held against each other. Raises `InvalidValue` for two lines or movements of one id."""
    ours, theirs = _grouped(movements), _lines_grouped(lines, terms)
    matches: list[Match] = []
    awaited: list[Movement] = []
    breaks: list[Break] = []
    for group in sorted(ours.keys() | theirs.keys()):
        reference, word = group
        if word not in set(MovementKind):
            breaks += [_unknown(line) for line in theirs[group]]
            continue
        found = _paired(ours.get(group, []), theirs.get(group, []))
        matches += [_match(reference, MovementKind(word), mine, lines) for mine, lines in found.together]
        breaks += [*_late(found, terms), *_fees(found, terms)]
        more, waits = _left(reference, word, found, at, terms)
        breaks += more
        awaited += waits
    settled, breaks = _within_themselves(breaks)
    return Reconciled(matches=(*matches, *settled), awaited=tuple(awaited), breaks=tuple(breaks))


def _grouped(movements: Iterable[Movement]) -> dict[tuple[str, str], list[Movement]]:
    found: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    seen: set[str] = set()
    for it in sorted(movements, key=lambda it: (it.at, it.id)):
        _once(it.id, seen, "movement")
        found[(it.reference, it.kind.value)].append(it)
    return found


def _lines_grouped(lines: Iterable[LedgerLine], terms: BooksTerms) -> dict[tuple[str, str], list[LedgerLine]]:
    found: dict[tuple[str, str], list[LedgerLine]] = defaultdict(list)
    seen: set[str] = set()
    for it in sorted(lines, key=lambda it: (it.booked_at, it.line_id)):
        _once(it.line_id, seen, "line")
        if it.kind not in terms.expected_kinds:
            found[(it.reference, it.kind)].append(it)
    return found


def _once(id: str, seen: set[str], what: str) -> None:
    if id in seen:
        raise InvalidValue(f"expected each {what} once, got {id} twice")
    seen.add(id)


_Together = tuple[Sequence[Movement], Sequence[LedgerLine]]


@frozen
class _Paired:
    """What of one payment and kind goes together, and what is left of each side."""

    together: tuple[_Together, ...]
    ours: tuple[Movement, ...]
    theirs: tuple[LedgerLine, ...]


def _paired(ours: Sequence[Movement], theirs: Sequence[LedgerLine]) -> _Paired:
    left, over = list(theirs), []
    together: list[_Together] = []
    for it in ours:
        line = next((line for line in left if (line.gross.minor, line.gross.currency) == (it.amount, it.currency)), None)
        if line is None:
            over.append(it)
            continue
        left.remove(line)
        together.append(([it], [line]))
    if over and left and _sums(over) == _line_sums(left):
        together.append((over, left))
        over, left = [], []
    return _Paired(tuple(together), tuple(over), tuple(left))


def _sums(movements: Iterable[Movement]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for it in movements:
        found[it.currency] += it.amount
    return found


def _line_sums(lines: Iterable[LedgerLine]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for it in lines:
        found[it.gross.currency] += it.gross.minor
    return found


def _match(reference: str, kind: MovementKind, ours: Sequence[Movement], theirs: Sequence[LedgerLine]) -> Match:
    return Match(
        reference=reference,
        kind=kind,
        amount=sum([it.amount for it in ours]),
        currency=ours[0].currency,
        fee=sum([line.fee.minor for line in theirs]),
        movements=tuple([it.id for it in ours]),
        lines=tuple([line.line_id for line in theirs]),
    )


def _late(found: _Paired, terms: BooksTerms) -> Iterator[Break]:
    for ours, theirs in found.together:
        if max(line.booked_at for line in theirs) - ours[-1].at > terms.patience:
            yield _break(BreakKind.LATE, ours[0].reference, ours[0].kind, ours, theirs, since=ours[0].at)


def _fees(found: _Paired, terms: BooksTerms) -> Iterator[Break]:
    rule = terms.fee
    for line in [line for _, theirs in found.together for line in theirs]:
        expected = line.fee.minor if rule is None else rule.expected(line)
        if rule is not None and abs(line.fee.minor - expected) > rule.tolerance:
            fee = _break(BreakKind.FEE_DIFFERS, line.reference, line.kind, [], [line], since=line.booked_at)
            yield evolve(fee, ours=expected, theirs=line.fee.minor)


def _left(reference: str, word: str, found: _Paired, at: datetime, terms: BooksTerms) -> tuple[list[Break], list[Movement]]:
    """What is left over of one payment and kind: one break, or nothing but what is awaited."""
    ours, theirs = found.ours, found.theirs
    if ours and theirs:
        differ = {it.currency for it in ours} != {line.gross.currency for line in theirs}
        kind = BreakKind.CURRENCY_DIFFERS if differ else BreakKind.AMOUNT_DIFFERS
        return [_break(kind, reference, word, ours, theirs, since=min(ours[0].at, theirs[0].booked_at))], []
    if theirs:
        return [_break(BreakKind.MISSING_HERE, reference, word, [], [line], since=line.booked_at) for line in theirs], []
    late = [it for it in ours if at - it.at > terms.patience]
    return [_break(BreakKind.MISSING_THERE, reference, word, [it], [], since=it.at) for it in late], [it for it in ours if it not in late]


def _break(
    kind: BreakKind, reference: str, what: str, ours: Sequence[Movement], theirs: Sequence[LedgerLine], *, since: datetime
) -> Break:
    return Break(
        kind=kind,
        reference=reference,
        what=what,
        ours=sum([it.amount for it in ours]),
        theirs=sum([line.gross.minor for line in theirs]),
        currency=theirs[0].gross.currency if theirs else ours[0].currency,
        since=since,
        movements=tuple([it.id for it in ours]),
        lines=tuple([line.line_id for line in theirs]),
    )


def _unknown(line: LedgerLine) -> Break:
    return _break(BreakKind.LINE_UNKNOWN, line.reference, line.kind, [], [line], since=line.booked_at)


def _within_themselves(breaks: list[Break]) -> tuple[list[Match], list[Break]]:
    """Refunds of ours that came back, of which the provider booked neither way (BOOKS-4), and the breaks that are left."""
    left, settled = list(breaks), []
    missing = [it for it in breaks if it.kind is BreakKind.MISSING_THERE]
    for back in [it for it in missing if it.what == MovementKind.REFUND_FAILURE]:
        gone = next((it for it in left if _is_what_came_back(it, back)), None)
        if gone is None:
            continue
        left = [it for it in left if it is not gone and it is not back]
        both = (*gone.movements, *back.movements)
        settled.append(
            Match(reference=back.reference, kind=MovementKind.REFUND, amount=0, currency=back.currency, fee=0, movements=both, lines=())
        )
    return settled, left


def _is_what_came_back(it: Break, back: Break) -> bool:
    same = (it.kind, it.what, it.reference, it.currency) == (BreakKind.MISSING_THERE, MovementKind.REFUND, back.reference, back.currency)
    return same and it.ours == -back.ours


def reconcile_payouts(
    lines: Iterable[LedgerLine], received: Iterable[PayoutReceived], *, at: datetime, terms: BooksTerms = BooksTerms()
) -> tuple[Break, ...]:
    """The breaks between what the lines of each payout add up to and what has arrived at the bank (BOOKS-6)."""
    arrived: dict[str, list[PayoutReceived]] = defaultdict(list)
    for it in received:
        arrived[it.id].append(it)
    named: dict[str, list[LedgerLine]] = defaultdict(list)
    for line in lines:
        if line.payout_id is not None and line.kind != PAYOUT:
            named[line.payout_id].append(line)
    sums = [_payout_sums(id, named.get(id, []), arrived.get(id, [])) for id in sorted(named.keys() | arrived.keys())]
    found = [payout_break(it, at=at, terms=terms) for it in sums]
    return tuple([it for it in found if it is not None])


@frozen(kw_only=True)
class PayoutSums:
    """One payout: what its lines add up to after fees, in minor units, when the last of them could be paid out, and what has arrived."""

    id: str
    net: int
    currencies: frozenset[str]
    lines: tuple[str, ...]
    since: datetime | None
    received: tuple[PayoutReceived, ...]


def _payout_sums(id: str, lines: Sequence[LedgerLine], arrived: Sequence[PayoutReceived]) -> PayoutSums:
    currencies = {line.gross.currency for line in lines} | {it.amount.currency for it in arrived}
    net, since = sum([line.net.minor for line in lines]), max([line.available_on for line in lines], default=None)
    ids = tuple([line.line_id for line in lines])
    return PayoutSums(id=id, net=net, currencies=frozenset(currencies), lines=ids, since=since, received=tuple(arrived))


def payout_break(sums: PayoutSums, *, at: datetime, terms: BooksTerms) -> Break | None:
    """What does not agree of a payout (BOOKS-6); `None` where it agrees, or its money may still come."""
    came = sum([it.amount.minor for it in sums.received])
    if sums.since is None:
        if not sums.received:
            return None
        kind, since = BreakKind.PAYOUT_UNKNOWN, sums.received[0].at
    elif not sums.received:
        kind, since = BreakKind.PAYOUT_MISSING, sums.since
        if at - since <= terms.patience:
            return None
    elif sums.net == came and len(sums.currencies) == 1:
        return None
    else:
        kind, since = BreakKind.PAYOUT_DIFFERS, sums.received[0].at
    currency = sums.received[0].amount.currency if sums.received else min(sums.currencies)
    return Break(kind=kind, reference=sums.id, what=PAYOUT, ours=sums.net, theirs=came, currency=currency, since=since, lines=sums.lines)
