"""The gateways of store credit and gift cards keep the contract of the port, on memory, SQLite and PostgreSQL: kept money is money like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from shopwright.adapters.credit import GiftCardGateway, StoreCreditGateway
from shopwright.adapters.credit.gateway import _KeptMoneyGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.system import SystemIds
from shopwright.adapters.troubles import Trouble, after, before
from shopwright.credit.books import Book, CreditPosted, EntryKind
from shopwright.credit.cards import card_pass
from shopwright.credit.naming import credit_account_id
from shopwright.credit.programs import CreditTerms, GiftCards, StoreCredit
from shopwright.flows.credit.accounts import grant_credit
from shopwright.flows.credit.cards import id_of, issue_card
from shopwright.flows.credit.commands import GrantCredit, IssueCard
from shopwright.flows.ports import Ports
from shopwright.members.actors import SYSTEM
from shopwright.money import Money
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import DeclineReason, Outcome
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import START, Storage
from shopwright.testing import FrozenClock, GatewayContract, GatewayStage, Moved
from shopwright.testing.gateway_contract.stage import cannot_stage
from shopwright.testing.postgres import LocalPostgres
from shopwright.wire.credit_kinds import CREDIT
from shopwright.wire.kinds import KINDS
from tests.surroundings import peer

TERMS = CreditTerms(
    store=StoreCredit(currencies=("EUR", "USD"), hold_for=timedelta(days=3)),
    cards=GiftCards(currencies=("EUR",), key=bytes(range(32)), hold_for=timedelta(days=3)),
)
SCOPES = count(1)
RICH = Money(10**12, "EUR")

_KINDS = {EntryKind.HELD: EventKind.AUTHORIZED, EntryKind.SPENT: EventKind.CAPTURED, EntryKind.RELEASED: EventKind.VOIDED}


class Troubled(_KeptMoneyGateway):
    """A gateway behind a wire that can break."""

    trouble: Trouble | None = None

    def start(self, request: StartPayment) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().start(request))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().capture(key, reference, amount, final=final))

    def void(self, key: OperationKey, reference: str) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().void(key, reference))

    def refund(self, request: RefundPart) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().refund(request))

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        trouble = self._met()
        return self._lost(trouble, super().query(key=key, reference=reference))

    def _met(self) -> Trouble | None:
        trouble, self.trouble = self.trouble, None
        before(trouble)
        return trouble

    def _lost(self, trouble: Trouble | None, outcome: Outcome) -> Outcome:
        after(trouble)
        return outcome


class TroubledStoreCredit(Troubled, StoreCreditGateway):
    pass


class TroubledGiftCards(Troubled, GiftCardGateway):
    pass


class CreditStage:
    """A gateway over an account that can pay anything, and one that has next to nothing."""

    signature_headers: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def __init__(self, storage: Storage, make: Callable[[Ports, FrozenClock], Troubled], sources: dict[str, str]) -> None:
        self.clock, self.make, self.sources = FrozenClock(), make, sources
        self.ports = Ports(storage=storage, ids=SystemIds(), credit=TERMS)
        self.gateway = self.again()
        at = self.clock.now()
        for serial, amount in (("rich", RICH), ("poor", Money(1, "EUR"))):
            assert grant_credit(self.ports, GrantCredit(key=f"credit-{serial}", by=SYSTEM, member_id=serial, amount=amount), at=at)
            assert issue_card(self.ports, IssueCard(key=f"card-{serial}", by=SYSTEM, serial=serial, amount=amount), at=at)
        self.granted = len(storage.read(CREDIT, after=START, limit=1_000))

    def again(self) -> Troubled:
        return self.make(self.ports, self.clock)

    def stranger(self) -> Troubled:
        return self.again()

    def source(self, case: str) -> str:
        if case not in self.sources:
            cannot_stage(case)
        return self.sources[case]

    def strike(self, trouble: Trouble) -> None:
        self.gateway.trouble = trouble

    def buyer_pays(self, reference: str) -> None:
        """There is nothing left to do."""

    def ripen(self) -> None:
        """Everything has happened at once."""

    def pushed(self) -> Sequence[RawNotification]:
        return ()

    def noise(self) -> RawNotification:
        return RawNotification(headers=(), body=b"{}", received_at=self.clock.now())

    def moved(self) -> Sequence[Moved]:
        entries = [it.value for it in self.ports.storage.read(CREDIT, after=START, limit=1_000)]
        return [moved for it in entries[self.granted :] if (moved := _moved(it))]


def _moved(entry: CreditPosted) -> Moved | None:
    """What an entry is as the event of a payment, told from its postings."""
    sums = {it.book: it.amount for it in entry.postings}
    kind = EventKind.REFUNDED if entry.kind is EntryKind.GIVEN_BACK else _KINDS.get(entry.kind)
    if kind is None:
        return None
    amount = abs(sums.get(Book.SPENT, 0) or sums.get(Book.HELD, 0))
    return Moved(kind, entry.cause.source, Money(amount, entry.currency))


def store_credit(storage: Storage) -> GatewayStage:
    assert TERMS.store is not None
    program = TERMS.store
    accounts = {"ok": "rich", DeclineReason.INSUFFICIENT_FUNDS: "poor"}
    sources = {case: credit_account_id(program.id, "EUR", member) for case, member in accounts.items()}
    return CreditStage(storage, lambda ports, clock: TroubledStoreCredit(ports, program, clock=clock), sources)


def gift_cards(storage: Storage) -> GatewayStage:
    assert TERMS.cards is not None
    cards = TERMS.cards
    serials = {"ok": "rich", DeclineReason.INSUFFICIENT_FUNDS: "poor"}
    sources = {case: card_pass(cards, id_of(cards, serial), "") for case, serial in serials.items()}
    sources[DeclineReason.INCORRECT_NUMBER] = card_pass(cards, "gift_card/nobody", "somebody else")
    return CreditStage(storage, lambda ports, clock: TroubledGiftCards(ports, cards, clock=clock), sources)


class TestStoreCreditInMemory(GatewayContract):
    def make_gateway(self) -> GatewayStage:
        return store_credit(MemoryStorage(KINDS))


class TestGiftCardsInMemory(GatewayContract):
    def make_gateway(self) -> GatewayStage:
        return gift_cards(MemoryStorage(KINDS))


class OnSqlite(GatewayContract):
    """Each stage has a file of its own."""

    __test__ = False

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> Iterator[None]:
        numbers = count(1)
        with ExitStack() as stack:

            def fresh() -> Storage:
                storage = SqliteStorage.open(tmp_path / f"{next(numbers)}.sqlite", kinds=KINDS, upgrade=True, durability="normal")
                stack.callback(storage.close)
                return storage

            self.fresh = fresh
            yield


class TestStoreCreditOnSqlite(OnSqlite):
    __test__ = True

    def make_gateway(self) -> GatewayStage:
        return store_credit(self.fresh())


class TestGiftCardsOnSqlite(OnSqlite):
    __test__ = True

    def make_gateway(self) -> GatewayStage:
        return gift_cards(self.fresh())


@pytest.fixture(scope="module")
def kept_on_postgres(postgres_server: LocalPostgres) -> Iterator[Storage]:
    """One database for all stages, each of which has a scope of its own."""
    from shopwright.adapters.postgres.storage import PostgresStorage

    with peer("psycopg").connect(postgres_server.conninfo, autocommit=True) as admin:
        admin.execute("create database kept_money")
        conninfo = postgres_server.conninfo.replace("dbname=postgres", "dbname=kept_money")
        with closing(PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True, pool_max=4)) as storage:
            yield storage
        admin.execute("drop database kept_money with (force)")


@pytest.mark.full
class TestGiftCardsOnPostgres(GatewayContract):
    @pytest.fixture(autouse=True)
    def _scopes(self, kept_on_postgres: Storage) -> None:
        self.storage = kept_on_postgres

    def make_gateway(self) -> GatewayStage:
        return gift_cards(self.storage.scoped(f"stage{next(SCOPES)}"))
