"""Up to sixteen processes spend the same points, hold them, send them and write them off: never below nothing, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeVar

import pytest

from shopwright import Refusal, Shop, accepted
from shopwright.errors import Outage, VersionConflict
from shopwright.flows.points import commands as p
from shopwright.loyalty import Account, Balance, Redemption
from shopwright.ports.storage import Query, Storage
from shopwright.shop.points_desk import Points
from shopwright.testing.clock import FrozenClock
from tests.flows.mall import CLERK, START
from tests.flows.pointed import ANNS, BOBS
from tests.flows.points_world import check_books
from tests.flows.processes import Opener, opener, race

PROCESSES, TURNS, LOTS, SIZE = 16, 8, 20, 7
POINTS = LOTS * SIZE
DAY = timedelta(days=1)
T = TypeVar("T")


def _shop(storage: Storage, *, days: int = 0) -> Shop:
    return Shop(storage, clock=FrozenClock(START + days * DAY))


def _stocked(storage: Storage) -> None:
    for number in range(LOTS):
        ends = START + (2 if number % 2 else 9) * DAY
        command = p.GrantPoints(key=f"grant-{number}", by=CLERK, account_id=ANNS, lot_id=f"lot-{number:02}", points=SIZE, expires_at=ends)
        accepted(_shop(storage).points.grant(command))


def _redeem(opened: Opener, turns: int, number: int, ready: Barrier) -> None:
    """One process, which wants three points as often as it has turns."""
    storage = opened()
    desk = _shop(storage).points
    ready.wait(60)
    for turn in range(turns):
        command = p.RedeemPoints(key=f"k{number}/{turn}", by=CLERK, account_id=ANNS, redemption_id=f"r{number}/{turn}", points=3)
        answer = _insisted(partial(desk.redeem, command))
        assert isinstance(answer, Redemption) or answer.code == "points_short", answer
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("processes", [3, pytest.param(PROCESSES, marks=pytest.mark.full)])
def test_processes_redeem_one_balance_to_the_last_point(where: str, processes: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    _stocked(storage)
    race(_redeem, processes, opened, TURNS * PROCESSES // processes)

    redemptions = [stored.value for stored in storage.find(Query(Redemption, limit=1_000)).items]
    spent = Counter[str]()
    for part in (part for it in redemptions for part in it.parts):
        spent[part.id] += part.points
    assert len(redemptions) == POINTS // 3  # whoever was refused came when fewer than three were left
    assert sum(spent.values()) == POINTS // 3 * 3
    assert max(spent.values()) <= SIZE
    assert accepted(_shop(storage).points.balance(ANNS)) == Balance(available=POINTS % 3, pending=0, held=0, lapsed=0, deficit=0)
    check_books(storage, START)
    storage.close()


def _deeds(desk: Points, number: int, name: str) -> tuple[Callable[[], object], ...]:
    """What one process does in a turn, in a shop that is late by some days."""
    facts: dict[str, Any] = {"by": CLERK, "account_id": ANNS}
    until = START + (number % 4 + 1) * DAY
    return (
        lambda: desk.hold(p.HoldPoints(key=f"h{name}", hold_id=name, points=4, until=until, **facts)),
        lambda: desk.redeem_held(p.RedeemHeldPoints(key=f"rh{name}", hold_id=name, redemption_id=f"h{name}", points=3, **facts)),
        lambda: desk.redeem(p.RedeemPoints(key=f"r{name}", redemption_id=f"r{name}", points=5, **facts)),
        lambda: desk.restore(p.RestorePoints(key=f"b{name}", redemption_id=f"r{name}", points=2, **facts)),
        lambda: desk.transfer(p.TransferPoints(key=f"t{name}", to_account_id=BOBS, transfer_id=f"t{name}", points=2, **facts)),
        lambda: desk.reverse(p.ReversePoints(key=f"v{name}", lot_id=f"lot-{number:02}", points=1, **facts)),
        desk.expire,
    )


def _whatever(opened: Opener, number: int, ready: Barrier) -> None:
    """One process among others that hold and redeem, spend and undo, send to Bob and write off."""
    storage = opened()
    ready.wait(60)
    for turn in range(TURNS // 4):
        for deed in _deeds(_shop(storage, days=number % 4).points, number, f"{number}/{turn}"):
            answer = _insisted(deed)
            assert not isinstance(answer, Refusal) or answer.code in {"points_short", "hold_unknown", "redemption_unknown"}, answer
    storage.close()


def _insisted(deed: Callable[[], T]) -> T:
    """The answer of a deed, which is asked for until there is one: the same command under the same key is done once."""
    for _ in range(1_000):
        try:
            return deed()
        except (VersionConflict, Outage):
            continue
    raise AssertionError("somebody else was always faster")


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_whatever_sixteen_processes_do_with_one_account_its_books_are_right(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    _stocked(storage)
    race(_whatever, PROCESSES, opened)

    accounts = [stored.value for stored in storage.find(Query(Account)).items]
    assert all(min(it.available, it.pending, it.held, it.deficit) >= 0 for it in (account.balance(START) for account in accounts))
    assert all(lot.points > 0 for account in accounts for lot in account.lots)
    check_books(storage, START)
    storage.close()
