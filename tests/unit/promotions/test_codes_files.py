"""Codes as CSV: nothing is lost on the way out and back, and what cannot be read is told with its place."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta, timezone
from itertools import count, islice

import pytest

from shopwright.errors import InvalidValue
from shopwright.promotions.code_batches import CodeBatch, codes
from shopwright.promotions.code_files import COLUMNS, CodeRow, RowProblem, code_lines, read_codes, rows_of
from shopwright.promotions.codes import SHARED, CodePattern, Uses

END = datetime(2026, 4, 1, tzinfo=UTC)
BATCH = CodeBatch(
    id="b-1", pattern=CodePattern(prefix="SPRING"), count=3, key=bytes(32), promotion="p", members=("ann", "bob", "cy"), expires=END, uses=Uses(5)
)
HEAD = "code,batch,member,expires,uses\n"
IDENTITY = "an id of at most 200 characters, none of them a control character"
TIME = "a time with a zone such as 2026-04-01T00:00:00Z, or nothing"
USES = "a number from 1 on, unlimited, or nothing for one use"


def read(*rows, head=HEAD, **more):
    return list(read_codes([head, *rows], **more))


def test_a_batch_is_written_a_line_for_each_code():
    made = list(codes(BATCH))
    assert list(code_lines(rows_of(BATCH))) == [
        HEAD,
        f"{made[0]},b-1,ann,2026-04-01T00:00:00+00:00,5\n",
        f"{made[1]},b-1,bob,2026-04-01T00:00:00+00:00,5\n",
        f"{made[2]},b-1,cy,2026-04-01T00:00:00+00:00,5\n",
    ]


def test_a_batch_comes_back_as_it_was():
    rows = list(rows_of(BATCH))
    assert list(read_codes(code_lines(rows))) == rows
    assert list(read_codes(code_lines(rows, pattern=BATCH.pattern), pattern=BATCH.pattern)) == rows


def test_codes_for_people_are_written_with_their_dashes():
    line = list(code_lines(rows_of(BATCH, stop=1), pattern=BATCH.pattern))[1]
    assert line.split(",")[0] == BATCH.pattern.write(next(codes(BATCH)))


def test_a_part_of_a_batch_keeps_its_members():
    assert [row.member for row in rows_of(BATCH, start=1)] == ["bob", "cy"]
    with pytest.raises(InvalidValue, match="expected positions from 0 to 3"):
        rows_of(BATCH, stop=4)


@pytest.mark.parametrize("head", ["code,uses\n", "\ufeffcode,uses\r\n", "Code;USES\n", " code \tuses", '"code","uses"\n'])
def test_the_head_tells_columns_and_separator(head):
    separator = next(each for each in ",;\t" if each in head)
    assert read(f"save10{separator}7\r\n", head=head) == [CodeRow("SAVE10", uses=Uses(7))]


def test_columns_come_in_any_order_and_only_the_code_must_be_there():
    assert read("ann,save10\n", head="member,code\n") == [CodeRow("SAVE10", member="ann")]
    assert read("save10\n", "\n", "  \n", "save20", head="code\n") == [CodeRow("SAVE10"), CodeRow("SAVE20")]


def test_empty_cells_are_one_use_for_whoever_has_the_code_and_no_end():
    assert read("save10,,,,\n") == [CodeRow("SAVE10")]


@pytest.mark.parametrize(("cell", "uses"), [("1", Uses(1)), ("0500", Uses(500)), ("unlimited", SHARED), (" Unlimited ", SHARED)])
def test_uses_are_a_number_or_unlimited(cell, uses):
    assert read(f"A,{cell}", head="code,uses") == [CodeRow("A", uses=uses)]


@pytest.mark.parametrize("cell", ["2026-04-01T00:00:00Z", "2026-04-01T08:00+08:00", "20260401T000000Z", "2026-04-01 00:00:00+00:00"])
def test_a_time_is_the_same_moment_in_any_zone(cell):
    assert read(f"A,{cell}", head="code,expires") == [CodeRow("A", expires=END)]


@pytest.mark.parametrize(
    ("line", "column", "got", "expected"),
    [
        (",b,,,", "code", "", "a code of 1 to 64 characters"),
        ("x" * 65 + ",,,,", "code", "x" * 65, "a code of 1 to 64 characters"),
        ("A\0,,,,", "code", "A\0", "a code of 1 to 64 characters"),
        ("A,b\ab,,,", "batch", "b\ab", IDENTITY),
        ("A,,\x7fm,,", "member", "\x7fm", IDENTITY),
        ("A,," + "m" * 201 + ",,", "member", "m" * 200, IDENTITY),
        ("A,,,tomorrow,", "expires", "tomorrow", TIME),
        ("A,,,2026-04-01T00:00:00,", "expires", "2026-04-01T00:00:00", TIME),
        ("A,,,2026-02-30T00:00:00Z,", "expires", "2026-02-30T00:00:00Z", TIME),
        ("A,,,0001-01-01T00:00:00+08:00,", "expires", "0001-01-01T00:00:00+08:00", TIME),
        ("A,,,,0", "uses", "0", USES),
        ("A,,,,-1", "uses", "-1", USES),
        ("A,,,,1.0", "uses", "1.0", USES),
        ("A,,,,٣", "uses", "٣", USES),
        ("A,,,,9223372036854775808", "uses", "9223372036854775808", USES),
        ("A,,,," + "9" * 5000, "uses", "9" * 200, USES),
        ("A,b", "", "A,b", "5 cells, found 2"),
        ("A,b,,,,", "", "A,b,,,,", "5 cells, found 6"),
        ('"A,b,,,', "", '"A,b,,,', "cells that CSV allows (unexpected end of data)"),
        ('"A"x,b,,,', "", '"A"x,b,,,', "cells that CSV allows (',' expected after '\"')"),
    ],
)
def test_a_wrong_cell_is_told_with_line_column_what_stands_there_and_what_was_expected(line, column, got, expected):
    good = [CodeRow("OK")]
    assert read("OK,,,,\n", "\n", line + "\n", "OK,,,,\n") == [*good, RowProblem(4, column, got, expected), *good]


def test_every_wrong_cell_of_a_line_is_told():
    assert [(each.line, each.column) for each in read(",,,soon,none\n")] == [(2, "code"), (2, "expires"), (2, "uses")]


def test_a_problem_reads_as_a_sentence():
    assert str(RowProblem(7, "uses", "none", USES)) == f"line 7, column uses: expected {USES}, got 'none'"
    assert str(RowProblem(7, "", "A", "2 cells, found 1")) == "line 7: expected 2 cells, found 1, got 'A'"


def test_with_a_pattern_a_code_must_be_of_its_form():
    good = BATCH.pattern.write(next(codes(BATCH)))
    swapped = good[:8] + good[9] + good[8] + good[10:]
    such = "a code such as SPRING-2222-2222-222: "
    assert read(good.lower(), swapped, "SUMMER", "SPRING-0", head="code", pattern=BATCH.pattern) == [
        CodeRow(next(codes(BATCH))),
        RowProblem(3, "code", swapped, such + "a letter is wrong, or two are swapped"),
        RowProblem(4, "code", "SUMMER", such + "a code of this kind begins with SPRING"),
        RowProblem(5, "code", "SPRING-0", such + "a code of this kind has 17 letters, dashes not counted; 7 were typed"),
    ]


def test_braces_in_a_cell_are_only_braces():
    assert read("{},{0}", head="code,expires") == [RowProblem(2, "expires", "{0}", TIME)]


@pytest.mark.parametrize(
    ("head", "problems"),
    [
        ("batch,uses", [RowProblem(1, "", "batch,uses", "a head with the column code, and more out of code, batch, member, expires, uses")]),
        (
            "code,Price,code",
            [RowProblem(1, name, cell, f"columns out of {', '.join(COLUMNS)}, each once") for name, cell in (("price", "Price"), ("code", "code"))],
        ),
        ('"code', [RowProblem(1, "", '"code', "cells that CSV allows (unexpected end of data)")]),
    ],
)
def test_without_a_head_nothing_is_read(head, problems):
    assert read("A,b,c", head=head) == problems


def test_a_file_without_a_line_lacks_its_head():
    expected = "a head with the column code, and more out of code, batch, member, expires, uses"
    assert list(read_codes([])) == list(read_codes(["\n"])) == [RowProblem(1, "", "", expected)]


def test_lines_before_the_head_are_counted():
    assert read("A,0", head="code,uses")[0].line == 2
    assert next(read_codes(["\n", "\n", "code,uses\n", "A,0\n"])).line == 4


@pytest.mark.parametrize("line", [b"code\n", None, ["code"]])
def test_lines_that_are_no_text_are_a_bug(line):
    with pytest.raises(InvalidValue, match=r"line 2 must be text, got .*; open the file in text mode"):
        list(read_codes(["code\n", line]))


FORMULAS = ["=1+1", "+49 30", "-1", "@sum(A1)", "＝1", "＋1", "－1", "＠x", "'quoted", "''"]
CHANGED = ["00123", "1.5", "1E5", "23456E78", "2026-03-01", "3/4", "12:30", "MAY-2026", "1 March", "50 %", "$5", "sept 22", "MAR22"]


@pytest.mark.parametrize("cell", FORMULAS + CHANGED)
def test_no_cell_is_a_formula_or_changes_in_a_spreadsheet_and_it_comes_back_as_it_was(cell):
    row = CodeRow(cell.replace(" ", ""), batch=cell, member=cell)
    lines = list(code_lines([row]))
    assert next(csv.reader(lines[1:])) == [f"'{row.code}", f"'{cell}", f"'{cell}", "", "1"]
    assert list(read_codes(lines)) == [row]


@pytest.mark.parametrize("cell", ["SPRING", "b-1", "MARCHING1", "june", "A1", "x=1", "7KQ2M9XA", 'say "hi"', "a,b", "a;b", "春节"])
def test_a_cell_that_a_spreadsheet_leaves_alone_is_written_as_it_is(cell):
    row = CodeRow("A", member=cell)
    lines = list(code_lines([row]))
    assert next(csv.reader(lines[1:]))[2] == cell
    assert list(read_codes(lines)) == [row]


def test_no_generated_code_begins_as_a_formula():
    assert not set("=+-@＝＋－＠\t\r'") & set(
        "".join(code[0] for code in codes(CodeBatch(id="b", pattern=CodePattern(), count=500, key=bytes(32), promotion="p")))
    )


@pytest.mark.parametrize("cell", ["JUNE" * 50, "1" * 199 + "x", "EEEE" * 50, "MARCH" * 40, " 1" * 99 + "!"])
def test_text_that_is_nearly_a_number_or_a_date_is_judged_in_one_pass_however_long(cell):
    row = CodeRow("A", member=cell.strip())
    assert list(read_codes(code_lines([row] * 100))) == [row] * 100


def test_a_row_is_yielded_before_the_next_line_is_read():
    endless = read_codes(line for number in count() for line in ([HEAD] if number == 0 else [f"C{number},,,,\n"]))
    assert list(islice(endless, 2)) == [CodeRow("C1"), CodeRow("C2")]
    assert list(islice(code_lines(CodeRow(f"C{number}") for number in count(1)), 2)) == [HEAD, "C1,,,,1\n"]


def test_a_row_keeps_what_a_store_keeps():
    row = CodeRow(" save 10", member="ann", expires=END.astimezone(timezone(timedelta(hours=8))))
    assert (row.code, row.expires, row.expires.tzinfo) == ("SAVE10", END, UTC)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": " "}, "CodeRow.code must have 1 to 64 characters, got 0"),
        ({"batch": " b"}, "CodeRow.batch must not hold control characters or begin"),
        ({"member": ""}, "CodeRow.member must have 1 to 200"),
        ({"expires": datetime(2026, 4, 1)}, "CodeRow.expires must be a datetime with a time zone"),
        ({"uses": 1}, "CodeRow.uses must be Uses"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(InvalidValue, match=said):
        CodeRow(**{"code": "A", **wrong})
