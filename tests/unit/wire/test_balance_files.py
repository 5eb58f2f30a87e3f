"""Balances of points are read line by line, and each line that tells no lot says why."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from shopwright.errors import InvalidValue
from shopwright.loyalty import Lot
from shopwright.loyalty.opening import OpeningLot
from shopwright.wire.balance_files import WrongLine, read_balances


def read(*lines: str, head: str = "member,points,earned,expires,lot,kind,available,rank") -> list[OpeningLot | WrongLine]:
    return list(read_balances([head + "\n", *[line + "\n" for line in lines]], source="old", zone="Europe/Berlin"))


def test_a_day_begins_and_ends_where_the_program_is():
    (told,) = read("ann,5,2026-03-29,2026-03-29,7,miles,2026-03-29T08:00+00:00,2")
    earned, since, ends = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)

    assert told == OpeningLot(line=2, account_id="miles/ann", lot=Lot("old/7", 5, earned, available_from=since, expires_at=ends, rank=2))


def test_a_lot_without_a_name_is_called_by_what_the_line_says():
    (told,) = read("ann,5,2026-03-01", head="member,points,earned")

    assert isinstance(told, OpeningLot)
    assert (told.lot.id, told.account_id, told.lot.available_from) == ("old/points/ann/2026-03-01/", "points/ann", told.lot.earned_at)


@pytest.mark.parametrize(
    ("line", "column", "problem"),
    [
        ("ann,5", "", "as many cells"),
        ("ann,5,2026-03-01,,,,,,", "", "as many cells"),
        ("ann,five,2026-03-01,,,,,", "points", "whole number"),
        ("ann,,2026-03-01,,,,,", "points", "whole number"),
        ("ann,0,2026-03-01,,,,,", "", "between 1 and"),
        ("ann,5,2026-03-01,,,,,x", "rank", "whole number"),
        ("ann,5,,,,,,", "earned", "got nothing"),
        ("ann,5,1.3.2026,,,,,", "earned", "a day or a time"),
        ("ann,5,2026-03-01T09:00,,,,,", "earned", "a day or a time"),
        ("ann,5,2026-02-30,,,,,", "earned", "a day or a time"),
        ("ann,5,2026-03-01,2026-02-01,,,,", "", "must expire after"),
        ("ann,5,2026-03-01,,,,2026-01-01,", "", "cannot be available"),
        (",5,2026-03-01,,,,,", "", "the member of a points account"),
        ("ann,5,2026-03-01,,,a/b,,", "", "without a slash"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_and_the_next_is_read(line: str, column: str, problem: str):
    wrong, right = read(line, "bob,5,2026-03-01,,,,,")

    assert isinstance(wrong, WrongLine)
    assert (wrong.line, wrong.column) == (2, column)
    assert problem in wrong.problem
    assert isinstance(right, OpeningLot)


@pytest.mark.parametrize("head", ["member,points", "member,points,earned,name", "member,points,earned,earned"])
def test_columns_that_are_not_there_or_not_known_are_told_and_nothing_is_read(head: str):
    (wrong,) = read("ann,5,2026-03-01", head=head)

    assert isinstance(wrong, WrongLine)
    assert "expected the columns member, points, earned" in wrong.problem


def test_cells_that_csv_does_not_allow_end_the_reading():
    told = read("ann,5,2026-03-01,,,,,", '"ann"x,5,2026-03-01,,,,,', "bob,5,2026-03-01,,,,,")

    assert [isinstance(it, OpeningLot) for it in told] == [True, False]


def test_a_file_without_end_is_read_as_far_as_one_likes():
    def lines():
        yield "member,points,earned\n"
        number = 0
        while True:
            number += 1
            yield f"m{number},{number},2026-03-01\n"

    told = list(islice(read_balances(lines(), source="old", zone="UTC"), 3))
    assert [it.lot.points for it in told if isinstance(it, OpeningLot)] == [1, 2, 3]


def test_a_zone_that_is_none_is_a_mistake():
    with pytest.raises(InvalidValue, match="zone"):
        list(read_balances([], source="old", zone="nowhere"))
