"""Every exchange of every flow with every provider goes wrong in every way, and money still moves exactly once.

After the ill a shop that never hears of the command again finds out by itself: it sweeps. Then the command is sent again, the buyer acts, and the
provider tells all that it has to tell. What both sides have booked by then is what they have booked where nothing went wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators import SIMULATIONS
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.orders.recovering import recover_at
from shopwright.payments.errors import GatewayError
from shopwright.payments.notifications import EventKind
from shopwright.payments.states import PaymentState
from shopwright.ports.storage import Storage
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.checkout.deals import DEALS, Deal, Trade, trading
from tests.checkout.selling import TOTAL
from tests.checkout.wire import DIES, PATIENCE, Ill

SHORT = (Ill.LOST, Ill.DROPPED, Ill.DIES_BEFORE, Ill.DIES_AFTER)
"""The ills that cost no time: they are tried everywhere in every run."""


_OVER = {PaymentState.DECLINED: "over", PaymentState.VOIDED: "over"}
"""Which of the two a payment is that came to nothing depends on who has told it first."""


def booked(trade: Trade) -> dict[str, Any]:
    """What both sides have booked, without the names that chance gave it."""
    order = trade.order()
    return {
        "order": (order.state, order.paid, order.refund_outstanding),
        "payments": [(_OVER.get(it.state, it.state), it.authorized, it.captured, it.voided, it.refunded, len(it.attempts)) for it in order.payments],
        "provider": sorted((it.kind.value, it.amount.minor) for it in trade.simulation.moved()),
    }


def come_to_rest(trade: Trade, deal: Deal) -> dict[str, Any]:
    """What is booked once the shop has recovered, the command was sent again, and all have done and told their part; once more changes nothing."""
    for _ in range(5):
        trade.clock.advance(timedelta(minutes=3))
        trade.calm.orders.sweep()
        if recover_at(trade.order()) is None:
            break
    deal.act(trade, trade.calm)
    trade.buyer_acts()
    trade.told()
    trade.simulation.ripen()
    trade.told()
    for _ in range(3):
        trade.clock.advance(timedelta(minutes=3))
        trade.calm.orders.sweep()
    rested = booked(trade)
    deal.act(trade, trade.calm)
    trade.told()
    assert booked(trade) == rested
    return rested


def undisturbed(name: str, deal: Deal) -> tuple[list[str], dict[str, Any]]:
    """The exchanges of a deal in which nothing goes wrong, and what is booked in the end."""
    with trading(name) as trade:
        deal.prepare(trade)
        trade.wire.heal()
        deal.act(trade, trade.calm)
        calls = list(trade.wire.calls)
        return calls, come_to_rest(trade, deal)


def struck(name: str, deal: Deal, call: int, ill: Ill) -> dict[str, Any]:
    """What is booked in the end where this exchange goes wrong."""
    with trading(name) as trade:
        deal.prepare(trade)
        shop = trade.shop(patience=PATIENCE) if ill is Ill.SILENT else trade.calm
        trade.wire.strike(call, ill)
        if ill in DIES:
            with pytest.raises(Crash):
                deal.act(trade, shop)
        else:
            with suppress(GatewayError):  # a ledger that cannot be read is told; nothing else is
                deal.act(trade, shop)
        assert trade.wire.struck
        trade.wire.heal()
        return come_to_rest(trade, deal)


def possible(name: str, deal: Deal) -> bool:
    with trading(name) as trade:
        return deal.needs <= trade.able.operations


CORE = frozenset({"pay", "refund", "cancel while the buyer thinks"})
"""The deals that are struck in every run over sockets too, where each exchange takes real time; the others are with `--full`."""


def _cases() -> Iterator[Any]:
    for name in SIMULATIONS:
        for deal in DEALS:
            later = [pytest.mark.full] if name != "fake" and deal.name not in CORE else []
            yield pytest.param(name, deal, id=f"{name}-{deal.name.replace(' ', '-')}", marks=later)


@pytest.mark.parametrize(("name", "deal"), list(_cases()))
def test_whatever_happens_to_an_exchange_money_moves_exactly_once(
    name: str, deal: Deal, request: pytest.FixtureRequest, record_property: Any
) -> None:
    if not possible(name, deal):
        return
    calls, expected = undisturbed(name, deal)
    taken = [amount for kind, amount in expected["provider"] if kind == EventKind.CAPTURED]
    assert taken in ([], [TOTAL]), "in peace money is taken at most once"
    ills = tuple(Ill) if request.config.getoption("--full") or deal.name == "pay" else SHORT

    for call in range(1, len(calls) + 1):
        for ill in ills:
            assert struck(name, deal, call, ill) == expected, f"{ill} at exchange {call}, {calls[call - 1]}"
    record_property("wire_points", len(calls) * len(ills))


def test_every_deal_asks_its_provider_and_every_way_to_move_money_is_asked_for() -> None:
    asked = {deal.name: undisturbed("fake", deal)[0] for deal in DEALS}

    assert [name for name, calls in asked.items() if not calls] == ["receive what came in time"]
    assert {call for calls in asked.values() for call in calls} == {"start", "capture", "refund", "void", "query", "query_refund", "ledger"}


def _settles(trade: Trade, start: Barrier) -> None:
    start.wait()
    trade.shop().orders.sweep()


@pytest.fixture(params=["sqlite", *(pytest.param(kind, marks=pytest.mark.full) for kind in ("memory", "postgres"))])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        kept: Storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    else:
        kept = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    yield kept
    kept.close()


@pytest.mark.parametrize("deal", [deal for deal in DEALS if deal.name in {"pay", "refund"}], ids=lambda deal: deal.name)
@pytest.mark.parametrize("name", SIMULATIONS)
def test_two_workers_that_recover_one_unknown_operation_end_in_one_movement(name: str, deal: Deal, storage: Storage) -> None:
    _, expected = undisturbed(name, deal)
    with trading(name, storage) as trade:
        deal.prepare(trade)
        trade.wire.strike(1, Ill.DIES_AFTER)
        with pytest.raises(Crash):
            deal.act(trade, trade.calm)
        trade.wire.heal()
        trade.clock.advance(timedelta(minutes=3))
        assert trade.order().open_attempts, "nobody knows what became of it"

        start = Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(_settles, trade, start) for _ in range(2)]:
                done.result(timeout=60)

        assert not trade.order().open_attempts
        assert come_to_rest(trade, deal) == expected
