"""The flash sale under load: whatever buyers, threads, processes and crashes do, each unit is sold once, and none is left over at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from flash_crowd.books import Books
from flash_crowd.buying import Ended, Outcome
from flash_crowd.fairness import Fairness, fairness
from flash_crowd.picture import draw
from flash_crowd.running import Crowd, Opener, in_processes, in_threads, on_postgres, on_sqlite
from flash_crowd.sale import NOON, SECOND_WAVE, STOCK, UNITS, Sale, Then, Visit, a_shop, stocked
from flash_crowd.story import Told, Wave, run
from load import held
from shopwright.adapters.memory import MemoryStorage
from shopwright.inventory.locations import Rate
from shopwright.inventory.places import Place, Places
from shopwright.inventory.plans import Policy
from shopwright.ports.quota_ways import QuotaWay
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Storage
from shopwright.testing.postgres import LocalPostgres
from shopwright.wire.kinds import KINDS

SMALL = Sale(units=24, visits=90, seconds=0.0, grabbers=4)
LARGE = Sale(units=400, visits=3_000, seconds=2.0)


def an_outcome(number: int, ended: Ended, *, answered: float | None = None) -> Outcome:
    """A visit that came at the second of its number, and waited one second unless told when it was answered."""
    visit = Visit(number, f"m{number}", 1, float(number), Then.PAYS)
    return Outcome(visit, ended, visit.after, visit.after + 1 if answered is None else answered, 1)


def in_this_process(storage: Storage, sale: Sale, *, threads: int) -> Wave:
    """Lets a wave loose on threads."""

    def wave(visits: Sequence[Visit], number: int) -> tuple[Outcome, ...]:
        return in_threads(storage, sale, visits, threads=threads, at=NOON if number == 1 else SECOND_WAVE, wave=number)

    return wave


def check(told: Told) -> None:
    """All that a sale promises, at its end."""
    sold = told.sale.units
    sale, stock = (Quota(key, granted=sold, used=sold, held=0) for key in (UNITS, STOCK))
    assert told.end == Books(units=sold, sold=sold, paid=sold, held=told.end.held, sale=sale, stock=stock)
    assert told.end.agree
    assert told.fair.above_share == ()


def test_a_sale_sells_every_unit_once_to_members_who_come_at_the_same_moment() -> None:
    storage = MemoryStorage(KINDS)
    stocked(a_shop(storage, SMALL), SMALL)
    wave = in_this_process(storage, SMALL, threads=8)
    told = run(storage, SMALL, wave, wave)
    check(told)
    assert {it.then for it in SMALL.crowd()} == set(Then)
    assert told.after_rush.sold <= SMALL.units


def test_a_sale_whose_units_lie_at_two_places_sells_them_all() -> None:
    rates = (Rate("DE", parcel=490),)
    places = Places((Place("hamburg", rates=rates), Place("leipzig", rates=rates)), policy=Policy(split_lines=True))
    sale = evolve(SMALL, units=25, places=places)
    storage = MemoryStorage(KINDS)
    stocked(a_shop(storage, sale), sale)
    wave = in_this_process(storage, sale, threads=8)
    check(run(storage, sale, wave, wave))


@pytest.mark.parametrize("way", [QuotaWay.IN_TRANSACTION, QuotaWay.BATCHED])
def test_a_sale_over_processes_on_sqlite_sells_every_unit_once(way: QuotaWay, tmp_path: Path) -> None:
    check(held(on_sqlite(tmp_path / "mall.sqlite", way=way), evolve(SMALL, visits=60), processes=2, threads=4))


@pytest.mark.full
@pytest.mark.parametrize("way", QuotaWay)
@pytest.mark.parametrize("crew", [(2, 16), (16, 4)], ids=["few processes", "many processes"])
def test_thousands_of_buyers_on_postgres_buy_exactly_what_there_is(crew: tuple[int, int], way: QuotaWay, postgres_database: str) -> None:
    processes, threads = crew
    check(held(on_postgres(postgres_database, threads=threads, way=way), LARGE, processes=processes, threads=threads))


@pytest.mark.full
@pytest.mark.parametrize("way", [QuotaWay.IN_TRANSACTION, QuotaWay.BATCHED])
def test_thousands_of_buyers_on_sqlite_buy_exactly_what_there_is(way: QuotaWay, tmp_path: Path) -> None:
    check(held(on_sqlite(tmp_path / "mall.sqlite", way=way), LARGE, processes=8, threads=4))


def _once_some_are_sold(storage: Storage, units: int) -> None:
    deadline = time.monotonic() + 120
    while (quota := storage.quota((UNITS,), at=NOON)[UNITS]).used + quota.held < units:
        assert time.monotonic() < deadline, f"no {units} units were sold"
        time.sleep(0.005)


def _with_a_process_killed(opener: Opener, storage: Storage, sale: Sale, *, processes: int) -> Told:
    """A sale of whose rush one process is killed, with whatever it had begun."""

    def rush(visits: Sequence[Visit], number: int) -> tuple[Outcome, ...]:
        crowd: Crowd = in_processes(opener, sale, visits, processes=processes, threads=4, at=NOON, wave=number)
        _once_some_are_sold(storage, sale.units // 4)
        crowd.processes[0].kill()
        return crowd.outcomes()

    def again(visits: Sequence[Visit], number: int) -> tuple[Outcome, ...]:
        return in_threads(storage, sale, visits, threads=4, at=SECOND_WAVE, wave=number)

    stocked(a_shop(storage, sale), sale)
    return run(storage, sale, rush, again)


def test_what_a_killed_process_had_begun_is_sold_to_others(tmp_path: Path) -> None:
    opener = on_sqlite(tmp_path / "mall.sqlite")
    storage = opener()
    told = _with_a_process_killed(opener, storage, SMALL, processes=2)
    check(told)
    assert len(told.rush) < SMALL.visits
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("way", QuotaWay)
def test_what_a_killed_process_had_begun_on_postgres_is_sold_to_others(way: QuotaWay, postgres_database: str) -> None:
    opener = on_postgres(postgres_database, threads=4, way=way)
    storage = opener()
    told = _with_a_process_killed(opener, storage, evolve(LARGE, visits=1_500), processes=4)
    check(told)
    assert len(told.rush) < 1_500
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("way", QuotaWay)
def test_a_sale_during_which_the_database_dies_and_comes_back_sells_every_unit_once(way: QuotaWay) -> None:
    sale = evolve(LARGE, units=200, visits=1_000, seconds=0.5)
    with LocalPostgres() as server:
        opener = on_postgres(server.conninfo, threads=4, way=way)
        storage = opener()
        stocked(a_shop(storage, sale), sale)

        def rush(visits: Sequence[Visit], number: int) -> tuple[Outcome, ...]:
            crowd = in_processes(opener, sale, visits, processes=4, threads=4, at=NOON, wave=number)
            _once_some_are_sold(storage, sale.units // 4)
            server.crash()
            server.start()
            return crowd.outcomes()

        told = run(storage, sale, rush, in_this_process(storage, sale, threads=4))
        assert len(told.rush) == sale.visits
        check(told)
        storage.close()


def test_the_same_sale_has_the_same_visitors_in_every_run() -> None:
    crowd = LARGE.crowd()
    assert crowd == LARGE.crowd()
    assert [visit.number for visit in crowd] == list(range(LARGE.visits))
    assert [visit.after for visit in crowd] == sorted(visit.after for visit in crowd)
    assert max(visit.wants for visit in crowd if visit.member.startswith("grabber")) > LARGE.share


def test_a_perfect_queue_keeps_the_order_and_a_rush_in_reverse_keeps_none() -> None:
    queue = [an_outcome(number, Ended.SERVED if number < 5 else Ended.SOLD_OUT) for number in range(10)]
    reverse = [an_outcome(n, Ended.SOLD_OUT if n < 5 else Ended.SERVED, answered=30.0 - n) for n in range(10)]
    assert fairness(queue, share=1, held=()) == Fairness(
        kept_order=1.0, in_turn=1.0, waits=(1.0, 1.0, 1.0), by_tenth=(1.0,) * 5 + (0.0,) * 5, above_share=()
    )
    assert (fairness(reverse, share=1, held=()).kept_order, fairness(reverse, share=1, held=()).in_turn) == (0.0, 0.0)


def test_every_pair_counts_and_those_who_have_theirs_do_not() -> None:
    ended = (Ended.SERVED, Ended.HAS_THEIRS, Ended.SOLD_OUT, Ended.SERVED, Ended.SOLD_OUT)
    found = fairness([an_outcome(*each) for each in enumerate(ended)], share=1, held=())
    assert found.kept_order == 3 / 4


def test_who_has_more_than_a_share_is_named() -> None:
    found = fairness((), share=2, held=(("a", 1), ("b", 2), ("a", 2), ("c", 2)))
    assert found == Fairness(kept_order=1.0, in_turn=1.0, waits=(0.0, 0.0, 0.0), by_tenth=(0.0,) * 10, above_share=("a",))


def test_books_tell_what_is_too_many_and_what_is_left() -> None:
    quota = Quota("q", granted=5, used=3, held=1)
    said = Books(units=5, sold=4, paid=3, held=(), sale=quota, stock=quota)
    assert (said.oversold, said.unsold, said.agree) == (0, 1, True)
    assert (evolve(said, sold=7).oversold, evolve(said, sold=7).agree) == (2, False)


def test_a_picture_has_a_dot_for_every_visit(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    outcomes = [an_outcome(number, Ended.SERVED if number < 3 else Ended.SOLD_OUT) for number in range(7)]
    path = tmp_path / "rush.svg"
    draw(outcomes, fairness(outcomes, share=1, held=()), path, title="a rush")
    texts = [it.text for it in ET.parse(path).iter() if it.text]
    assert {"a rush", "served (3)", "sold out (4)"} <= set(texts)
