"""`shopwright promotions`, as somebody at a terminal or a build meets it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from shopwright.cli import main
from shopwright.wire.promotion_files import schema

CLEAN = "promotions:\n  - {id: ten, ends: 2030-01-01T00:00:00Z, effects: [{percent: {percent: 10 %}}]}\n"
WARNED = "promotions:\n  - id: ten\n    effects: [{percent: {percent: 10 %}}]\n"
WRONG = "promotions:\n  - id: all\n    ends: 2030-01-01T00:00:00Z\n    effects: [{percent: {percent: 100 %}}]\n"
UNREADABLE = "promotions:\n  - id: ten\n    effcts: []\n"
AT = ["--at", "2026-03-01T00:00:00Z"]


def a_file(folder: Path, text: str, name: str = "promotions.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(*arguments: str) -> int:
    return main(["promotions", "lint", *AT, *arguments])


@pytest.mark.parametrize(
    ("text", "usual", "strict"),
    [(CLEAN, 0, 0), (WARNED, 0, 1), (WRONG, 1, 1), (UNREADABLE, 2, 2), ("", 2, 2)],
    ids="clean warned wrong unreadable empty".split(),
)
def test_the_exit_code_tells_a_build_what_to_do(text, usual, strict, tmp_path, capsys):
    name = a_file(tmp_path, text)
    assert (run(name), run(name, "--strict")) == (usual, strict)


def test_a_finding_is_told_with_its_file_line_and_column(tmp_path, capsys):
    name = a_file(tmp_path, WARNED)
    run(name)
    assert capsys.readouterr().out.splitlines() == [
        (f"{name}:2:5: warning unbounded_budget ten: it has no end, no limit on its uses, and no cap on what it takes off one order; "
        "give it one of the three"),
        "0 errors, 1 warning",
    ]


def test_a_clean_file_is_passed_in_silence(tmp_path, capsys):
    run(a_file(tmp_path, CLEAN))
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_who_asks_for_progress_gets_a_line_for_each_tenth(tmp_path, capsys):
    name = a_file(tmp_path, CLEAN)
    assert run(name, "--progress") == 0
    assert capsys.readouterr().err.splitlines() == [f"{name}: {part} % looked at" for part in (10, 30, 50, 60, 80, 100)]


def test_a_terminal_is_told_of_long_sets_alone_and_is_left_clean(tmp_path, monkeypatch):
    one = "  - {id: p%04d, ends: 2030-01-01T00:00:00Z, effects: [{percent: {percent: 10 %%, lines: {sku: S%d}}}]}\n"
    long = a_file(tmp_path, "promotions:\n" + "".join(one % (number, number) for number in range(600)), "long.yaml")
    for name, told in ((a_file(tmp_path, CLEAN), []), (long, list(range(1, 101)))):
        monkeypatch.setattr(sys, "stderr", Terminal())
        assert run(name) == 0
        *parts, end = sys.stderr.getvalue().split("\r")
        assert [part for part in parts if part] == [f"{name}: {part} % looked at" for part in told]
        assert end == ("\x1b[K" if told else "")


def test_all_files_are_looked_at_though_one_cannot_be_read(tmp_path, capsys):
    names = [a_file(tmp_path, text, f"{number}.yaml") for number, text in enumerate((UNREADABLE, WRONG))]
    missing = str(tmp_path / "missing.yaml")

    assert run(*names, missing) == 2

    said = capsys.readouterr()
    assert [line.partition(": ")[0] for line in said.err.splitlines()] == [f"{names[0]}:2:5", f"{names[0]}:3:5", f"{missing}:1:1"]
    assert "did you mean effects?" in said.err
    assert f"{names[1]}:2:5: error free_goods all: it takes 100 % off" in said.out


def test_json_holds_findings_and_problems(tmp_path, capsys):
    names = [a_file(tmp_path, text, f"{number}.yaml") for number, text in enumerate((WARNED, UNREADABLE))]

    assert run("--json", *names) == 2

    said = json.loads(capsys.readouterr().out)
    assert [(it["file"], it["line"], it["column"], it["code"], it["severity"], it["promotions"]) for it in said["findings"]] == [
        (names[0], 2, 5, "unbounded_budget", "warning", ["ten"])
    ]
    assert [(it["file"], it["line"], it["path"]) for it in said["problems"]] == [(names[1], 2, "promotions[0]"), (names[1], 3, "promotions[0]")]


@pytest.mark.parametrize(
    ("ignored", "code"), [("unbounded_budget", 0), ("unbounded_budget:ten", 0), ("unbounded_budget:eleven", 1), ("free_goods", 1)]
)
def test_a_finding_is_ignored_by_its_code_and_its_promotions(ignored, code, tmp_path, capsys):
    assert run(a_file(tmp_path, WARNED), "--strict", "--ignore", ignored) == code


def test_a_promotion_whose_uses_are_limited_is_bounded(tmp_path, capsys):
    assert run(a_file(tmp_path, WARNED), "--strict", "--limited", "ten") == 0


def test_without_a_time_what_has_ended_is_seen_by_the_clock(tmp_path, capsys):
    name = a_file(tmp_path, CLEAN.replace("2030", "2020"))
    assert main(["promotions", "lint", name]) == 0
    assert "warning ended ten" in capsys.readouterr().out


def test_json_files_and_standard_input_are_read(tmp_path, capsys, monkeypatch):
    assert run(a_file(tmp_path, '{"promotions": []}', "promotions.json")) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    assert run("-") == 1
    assert "-:2:5: error free_goods" in capsys.readouterr().out


def test_a_file_that_is_no_utf_8_says_so_with_its_line(tmp_path, capsys):
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"promotions: []\n# caf\xe9\n")
    assert run(str(path)) == 2
    assert capsys.readouterr().err == f"{path}:2:1: expected text in UTF-8; save the file as UTF-8\n"


def test_goods_are_held_against_their_costs(tmp_path, capsys):
    goods = a_file(tmp_path, "sku,price,cost,floor,tags\ntea,10.00 EUR,9.50 EUR,,hot green\ncup,8.00 EUR,2.00 EUR,7.00 EUR,\n", "goods.csv")
    assert run(a_file(tmp_path, CLEAN), "--goods", goods) == 1
    assert "error below_cost ten: tea can go down to 9.00 EUR, and costs 9.50 EUR" in capsys.readouterr().out


COLUMNS = "1:1: expected the columns sku, price, cost, and as you like floor, product, seller, brand, categories, tags"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            f"{COLUMNS}, got them without sku, price, cost",
        ),
        (
            "sku,price,cost,color\n",
            f"{COLUMNS}, got them with color",
        ),
        ("sku,price,cost\n\ntea,1 EUR\n", "3:1: expected as many cells as there are columns"),
        ("sku,price,cost\ntea,ten,1.00 EUR\n", "2:1: price: expected an amount and a currency code such as '19.99 EUR', got 'ten'"),
        ("sku,price,cost\ntea,1.00 EUR,1.00 USD\n", "2:1: expected amounts in one currency, got 1.00 EUR, 1.00 USD"),
        ("sku,price,cost\n,1.00 EUR,1.00 EUR\n", "2:1: BasketLine.sku must have 1 to 200 characters, got 0"),
        ('sku,price,cost\n"tea"x,1.00 EUR,1.00 EUR\n', "2:1: expected cells that CSV allows (',' expected after '\"')"),
    ],
)
def test_goods_that_cannot_be_read_are_told_with_their_line(text, said, tmp_path, capsys):
    goods = a_file(tmp_path, text, "goods.csv")
    assert run(a_file(tmp_path, CLEAN), "--goods", goods) == 2
    assert capsys.readouterr().err == f"{goods}:{said}\n"


@pytest.mark.parametrize("arguments", [["--at", "2026-03-01"], ["--at", "soon"], ["--ignore", "nothing"]])
def test_options_that_make_no_sense_are_a_usage_error(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["promotions", "lint", a_file(tmp_path, CLEAN), *arguments])
    assert stop.value.code == 2
    assert "expected" in capsys.readouterr().err


def test_the_schema_is_printed_as_it_is_published(capsys):
    assert main(["promotions", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
