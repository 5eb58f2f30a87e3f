"""The judge must be just: which way a ratio points, what is below a goal, that unequal sides never race, and that every goal has its row."""

from __future__ import annotations

import importlib
import json

import pytest

from tests.benchmarks import life, points_work, work
from tests.benchmarks.goals import GOALS
from tests.benchmarks.jobs import JOBS
from tests.benchmarks.rows import Measure, Row, compared, measure, skipped, table, write_json
from tests.benchmarks.session import Plan, Race, Unequal, difference, opened_session
from tests.benchmarks.sides import Bench, Local, PeerMissing, Slice

ONE = Slice((0.010, 0.010))
TWICE_AS_FAST = Slice((0.005, 0.005))
PLAN = Plan(seconds=0.001, rounds=2, again=0)


def counting(answer: int) -> Local:
    return Local("counting", Bench(run=lambda turn: turn + answer))


def test_a_ratio_above_one_means_that_we_are_faster_for_rates_and_for_times():
    rate = compared("job", "peer", "scale", "orders/s", measure([TWICE_AS_FAST], "orders/s"), measure([ONE], "orders/s"))
    time = compared("job", "peer", "scale", "ms", measure([TWICE_AS_FAST], "ms"), measure([ONE], "ms"))
    assert (rate.ours, rate.peer_value, rate.ratio) == (200.0, 100.0, 2.0)
    assert (time.ours, time.peer_value, time.ratio) == (5.0, 10.0, 2.0)


def test_of_memory_less_is_better():
    row = compared("job", "peer", "scale", "MB", Measure(50.0, 50.0, 1), Measure(25.0, 25.0, 1))
    assert (row.ours, row.peer_value, row.ratio) == (50.0, 25.0, 0.5)


def test_what_is_expected_of_points_is_what_was_earned_less_what_was_taken():
    crowd = points_work.Crowd(2, 4, 2)
    told = points_work.answer(crowd)
    assert told["balances"] == {"M0000": 100, "M0001": 100}
    assert told["lots"]["M0001"] == [["M0001-0003", 100]]
    assert told["taken"]["M0000-0005"] == [["M0000-0001", 50], ["M0000-0002", 100]]


def test_every_account_of_a_batch_has_ten_postings_in_a_row_and_no_posting_comes_twice():
    batches = [points_work.batch(number, 100) for number in range(6)]
    assert {len({deed.member for deed in one}) for one in batches} == {10}
    assert len({deed.id for one in batches for deed in one}) == 600


def test_the_value_is_the_median_over_slices_and_n_counts_the_work():
    slow = Slice((1.0,))
    got = measure([ONE, ONE, slow], "ms")
    assert (got.value, got.p10, got.n) == (10.0, 10.0, 5)


def test_a_slice_of_several_calls_in_one_and_of_several_writers_counts_them():
    assert Slice((0.1, 0.1), per=10).rate == pytest.approx(100)
    assert Slice((0.1, 0.1), writers=4).rate == pytest.approx(40)


def test_a_row_is_missed_below_its_goal_and_only_then():
    def row(ratio: float | None, goal: float | None) -> Row:
        return Row("job", "peer", "scale", 1.0, 1.0, "ms", ratio, goal, 1)

    assert [row(0.9, 1.0).missed, row(1.0, 1.0).missed, row(0.1, None).missed, row(None, 1.0).missed] == [True, False, False, False]


def test_unequal_answers_are_told_before_a_clock_starts():
    race = Race("job", "scale", "ms", lambda: counting(1), {"peer": lambda: counting(2)}, check=1)
    with opened_session(PLAN) as session, pytest.raises(Unequal, match=r"at \$\[0\]\[0\] counting answers 2, and counting is 1"):
        session.run(race)


def test_a_missing_peer_loses_its_own_row_alone():
    def missing() -> Local:
        raise PeerMissing("nobody is here")

    with opened_session(PLAN) as session:
        rows = session.run(Race("job", "scale", "ms", lambda: counting(1), {"absent": missing, "present": lambda: counting(1)}))
    assert [(row.peer, row.note, row.ratio is None) for row in rows] == [("present", "", False), ("absent", "skipped: nobody is here", True)]


def test_rows_are_written_as_a_list_of_objects(tmp_path):
    write_json([skipped("job", "peer", "scale", "ms", "why")], tmp_path / "bench.json")
    (row,) = json.loads((tmp_path / "bench.json").read_text())
    assert list(row)[:9] == ["job", "peer", "scale", "ours", "peer_value", "unit", "ratio", "goal", "n"]
    assert row["note"] == "skipped: why"


def test_the_table_tells_which_rows_are_below_their_goal():
    told = table([Row("job", "peer", "scale", 1.0, 0.5, "ms", 0.5, 1.0, 3)])
    assert told.splitlines()[-1].split() == ["job", "scale", "peer", "1", "0.5", "ms", "0.5", "1", "-", "-", "3", "BELOW", "ITS", "GOAL"]


def test_a_difference_is_found_where_it_is():
    assert difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}) == ("$.a[1].b", 2, 3)


def test_the_expected_price_is_ten_percent_off_split_by_largest_remainder():
    assert work.answer([(1_005, 1), (995, 1)]) == {"subtotal": 2_000, "discount": 200, "total": 2_299, "parts": [101, 99]}


def test_a_life_ends_with_what_the_order_cost():
    placed, _ = work.expected(2)
    lives, _ = life.expected(2)
    assert [each["captured"] for each in lives] == [each["total"] for each in placed]


def test_every_job_is_a_module_and_every_goal_has_a_reason():
    assert [name for name, module in JOBS.items() if not importlib.util.find_spec(module)] == []
    assert [key for key, goal in GOALS.items() if goal.ratio <= 0 or not goal.why] == []
