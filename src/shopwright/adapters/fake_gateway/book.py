"""The provider's books: accounts (one per payment), entries (one per operation key) and the events it tells of.

Rules
- amounts are minor units of the account's currency; an account's totals are the provider's truth;
- a key stands for one set of parameters for ever: the same again finds its entry, others raise `GatewayKeyConflict`;
- every movement is told as an event with the totals after it, numbered from 1 without gaps.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from shopwright.adapters.rows import Draft
from shopwright.payments.disputes import Dispute, DisputeReason, DisputeState
from shopwright.payments.errors import GatewayKeyConflict, NotFound
from shopwright.payments.notifications import EventKind
from shopwright.payments.outcomes import Totals

AMOUNTS = ("authorized", "captured", "refunded", "voided", "pending_capture", "pending_refund", "charged_back")


@frozen(kw_only=True)
class Account:
    """A payment as the provider knows it.

    `stage` is action, waiting (both unpaid), open, declined, closed or expired; `settled_at` is when it became open.
    """

    reference: str
    key: str
    amount: int
    currency: str
    capture: bool
    token: str
    stage: str
    action: str
    decline: str = ""
    started_at: datetime
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    captured_at: datetime | None = None
    lapses_at: datetime | None = None
    authorized: int = 0
    captured: int = 0
    refunded: int = 0
    voided: int = 0
    pending_capture: int = 0
    pending_refund: int = 0
    charged_back: int = 0
    shared: int = 0
    sharing_ended: bool = False
    refunds: int = 0
    under_review: bool = False
    disputed: bool = False
    asked: int = 0
    saves: bool = False

    @property
    def totals(self) -> Totals:
        """The provider's cumulative truth."""
        return Totals.of(self.currency, **{name: getattr(self, name) for name in AMOUNTS})

    @property
    def capturable(self) -> int:
        """What a capture could still take."""
        return self.authorized - self.captured - self.voided

    @property
    def refundable(self) -> int:
        """What a refund could still give back."""
        return self.captured - self.refunded - self.pending_refund - self.charged_back


@frozen(kw_only=True)
class Entry:
    """An operation as the provider knows it: `state` is done, declined, pending or failed."""

    key: str
    verb: str
    parameters: str
    reference: str
    amount: int
    state: str
    made_at: datetime
    decline: str = ""
    fails_late: bool = False
    asked: int = 0


@frozen(kw_only=True)
class Filed:
    """A dispute as the provider knows it; its words are those of `shopwright.payments.disputes`."""

    id: str
    reference: str
    amount: int
    state: str
    reason: str
    due_at: datetime | None = None
    told_at: datetime

    @property
    def dispute(self) -> Dispute:
        """The same in those words."""
        return Dispute(
            id=self.id,
            state=DisputeState(self.state),
            amount=self.amount,
            told_at=self.told_at,
            reason=DisputeReason(self.reason),
            due_at=self.due_at,
        )


@frozen(kw_only=True)
class Told:
    """An event of the provider, with the totals of its account after it; `dispute` and what follows are of one that is told."""

    number: int
    kind: str
    reference: str
    payment_key: str
    key: str
    amount: int
    currency: str
    told_at: datetime
    authorized: int
    captured: int
    refunded: int
    voided: int
    pending_capture: int
    pending_refund: int
    charged_back: int
    dispute: str = ""
    dispute_state: str = ""
    dispute_reason: str = ""
    dispute_due_at: datetime | None = None

    @property
    def totals(self) -> Totals:
        """The totals after this event."""
        return Totals.of(self.currency, **{name: getattr(self, name) for name in AMOUNTS})


@frozen
class Tally:
    """A count that survives a restart: requests under a key, events that were delivered."""

    number: int


@frozen
class Lines:
    """What a test has scripted for the next requests of one phase."""

    words: tuple[str, ...]


TYPES = {"accounts": Account, "entries": Entry, "told": Told, "tallies": Tally, "lines": Lines, "disputes": Filed}


class Book:
    """One change of the books, at one moment."""

    def __init__(self, draft: Draft, *, at: datetime) -> None:
        self._draft = draft
        self.at = at

    def account(self, reference: str) -> Account:
        """The account of this reference; raises `NotFound`."""
        found = self._draft.get("accounts", reference, Account)
        if found is None:
            raise NotFound(f"there is no payment {reference!r}", raw_code="no_such_payment")
        return found

    def accounts(self) -> tuple[Account, ...]:
        """Every account, oldest first."""
        return self._draft.all("accounts", Account)

    def next_reference(self) -> str:
        """A reference that no account has."""
        return f"fp_{self._draft.count('accounts') + 1:06d}"

    def keep(self, account: Account) -> Account:
        """Write an account."""
        self._draft.put("accounts", account.reference, account)
        return account

    def entry(self, key: str) -> Entry:
        """The entry of this key; raises `NotFound`."""
        found = self._draft.get("entries", key, Entry)
        if found is None:
            raise NotFound(f"no operation was ever processed under the key {key!r}", raw_code="no_such_key")
        return found

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, oldest first."""
        return self._draft.all("entries", Entry)

    def known(self, key: str, verb: str, parameters: str) -> Entry | None:
        """What was done under this key with these parameters; raises `GatewayKeyConflict` when the parameters were others."""
        found = self._draft.get("entries", key, Entry)
        if found is not None and (found.verb, found.parameters) != (verb, parameters):
            was = f"{found.verb} of {found.parameters}"
            raise GatewayKeyConflict(f"the key {key} was used for a {was}, got a {verb} of {parameters}", raw_code="key_reused")
        return found

    def note(self, entry: Entry) -> Entry:
        """Write an entry."""
        self._draft.put("entries", entry.key, entry)
        return entry

    def file(self, filed: Filed) -> None:
        """Write a dispute."""
        self._draft.put("disputes", filed.id, filed)

    def dispute(self, id: str) -> Filed:
        """The dispute of this id; raises `NotFound`."""
        found = self._draft.get("disputes", id, Filed)
        if found is None:
            raise NotFound(f"there is no dispute {id!r}", raw_code="no_such_dispute")
        return found

    def disputes(self, reference: str) -> tuple[Filed, ...]:
        """The disputes of a payment, oldest first."""
        return tuple(it for it in self._draft.all("disputes", Filed) if it.reference == reference)

    def tell(self, account: Account, kind: EventKind, key: str, amount: int, filed: Filed | None = None) -> None:
        """Add an event about this account as it stands now."""
        number = self._draft.count("told") + 1
        amounts = {name: getattr(account, name) for name in AMOUNTS}
        about = {} if filed is None else _dispute_facts(filed)
        told = Told(
            number=number,
            kind=kind.value,
            reference=account.reference,
            payment_key=account.key,
            key=key,
            amount=amount,
            currency=account.currency,
            told_at=self.at,
            **amounts,
            **about,
        )
        self._draft.put("told", str(number), told)

    def told(self, *, after: int = 0) -> tuple[Told, ...]:
        """The events behind this number."""
        numbers = range(after + 1, self._draft.count("told") + 1)
        return tuple(found for number in numbers if (found := self._draft.get("told", str(number), Told)) is not None)

    def pay_out(self) -> str:
        """Put everything that no payout has into one; its name."""
        number = self.tally("payouts") + 1
        self.set_tally("payouts", number)
        self.set_tally(f"payout:{number}", self._draft.count("told"))
        return f"po_{number}"

    def payouts(self) -> tuple[int, ...]:
        """Up to which event each payout goes."""
        return tuple(self.tally(f"payout:{number}") for number in range(1, self.tally("payouts") + 1))

    def tally(self, name: str) -> int:
        """The count of this name."""
        found = self._draft.get("tallies", name, Tally)
        return 0 if found is None else found.number

    def set_tally(self, name: str, number: int) -> None:
        """Write a count."""
        self._draft.put("tallies", name, Tally(number))

    def script(self, phase: str, words: tuple[str, ...]) -> None:
        """Add words for the next requests of a phase."""
        self._draft.put("lines", phase, Lines((*self._scripted(phase), *words)))

    def next_word(self, phase: str) -> str | None:
        """Take the word that was scripted for this request, if there is one."""
        words = self._scripted(phase)
        if not words:
            return None
        self._draft.put("lines", phase, Lines(words[1:]))
        return words[0]

    def _scripted(self, phase: str) -> tuple[str, ...]:
        found = self._draft.get("lines", phase, Lines)
        return () if found is None else found.words


def _dispute_facts(filed: Filed) -> dict[str, Any]:
    return {"dispute": filed.id, "dispute_state": filed.state, "dispute_reason": filed.reason, "dispute_due_at": filed.due_at}


def moved(account: Account, **by: int) -> Account:
    """The account with some of its amounts changed by so much."""
    return evolve(account, **{name: getattr(account, name) + amount for name, amount in by.items()})
