"""`shopwright promotions simulate`, as somebody at a terminal meets it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shopwright.cli import main
from shopwright.cli.simulation_picture import MOST_LINES, MOST_USED_UP, lines_of
from shopwright.cli.simulation_table import table
from shopwright.money import Money
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.engine import Engine
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.simulator import simulate
from shopwright.wire.past_orders import read_orders
from tests.surroundings import peer

PROMOTIONS = {
    "promotions": [
        {"id": "ten", "title": "Ten $ off $", "effects": [{"percent": {"percent": "10 %"}}], "limits": {"budget": "30.00 EUR"}},
        {"id": "post", "when": {"cart_total": {"least": "50.00 EUR"}}, "effects": [{"shipping_off": {"percent": "100 %"}}]},
    ]
}
OLD = {"promotions": [{"id": "old", "effects": [{"across_off": {"amounts": "5.00 EUR"}}]}]}
ORDERS = """\
order,at,currency,paid,shipping,member,sku,quantity,unit_price
A1,2026-03-01T12:00:00+01:00,EUR,25.00,4.90,ann,TEA,2,10.05
A2,2026-03-02T12:00:00+01:00,EUR,,4.90,,TEA,2,40.05
A2,,,,,,CUP,1,120.00
A3,2026-03-12T12:00:00+01:00,EUR,180.00,4.90,ann,TEA,2,100.05
"""
TABLE = """\
3 orders from 2026-03-01 11:00 to 2026-03-12 11:00 UTC, in EUR

goods                     420.30
shipping                   14.70
cost of the promotions     31.82  7.31 % of goods and shipping
break-even               33.75 %  at a margin of 30.00 %: of the orders that promotions change must be added to pay for them
orders with a promotion        3  of which 3 are discounted
winners                        1  would pay 2.01 less
losers                         1  would pay 20.10 more
as before                      0
not compared                   1  what was paid is not known

promotion  uses   cost   of all  break-even  turned away         first use          last use           used up
ten           2  22.02  69.20 %     50.00 %            1  2026-03-01 11:00  2026-03-02 11:00  2026-03-12 11:00
post          2   9.80  30.80 %      8.89 %            0  2026-03-02 11:00  2026-03-12 11:00                 -

stood together  orders
post + ten           1

orders that win most    by
A1                    2.01

orders that lose most     by
A3                     20.10
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    Path("promotions.json").write_text(json.dumps(PROMOTIONS))
    Path("old.json").write_text(json.dumps(OLD))
    Path("orders.csv").write_text(ORDERS)
    return tmp_path


def run(*more: str, file: str = "promotions.json", orders: str = "orders.csv") -> int:
    return main(["promotions", "simulate", file, "--orders", orders, *more])


def test_the_table_tells_what_it_costs_who_wins_what_met_and_what_was_used_up(folder, capsys):
    assert run("--margin", "30") == 0
    said = capsys.readouterr()
    assert said.out == TABLE
    assert said.err == "simulating: 3 orders, 100 % of the file\n"


def test_the_numbers_are_the_same_as_json_with_exact_rates(folder, capsys):
    assert run("--margin", "30 %", "--json", "-") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cost"], told["sales"], told["share"], told["break_even"]) == (3_182, 43_500, "1591/21750", "3182/9427")
    assert [(it["id"], it["cost"], it["break_even"]) for it in told["promotions"]] == [("ten", 2_202, "1/2"), ("post", 980, "490/5513")]
    assert told["promotions"][0]["course"] == [["2026-03-01T11:00:00+00:00", 201], ["2026-03-02T11:00:00+00:00", 2_001]]
    assert (told["overlaps"], told["step"], told["margin"]) == ([{"one": "post", "other": "ten", "orders": 1}], 3_600, 3_000)


def test_json_in_a_file_leaves_the_table_where_it_is(folder, capsys):
    assert run("--json", "out.json") == 0
    assert "cost of the promotions" in capsys.readouterr().out
    assert json.loads(Path("out.json").read_text())["cost"] == 3_182


def test_another_set_is_compared_with(folder, capsys):
    assert run("--against", "old.json") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "cost of the other set 15.00" in said
    assert "winners 1 would pay 19.91 less losers 2 would pay 3.09 more as before 0" in said


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_orders_come_from_standard_input_in_either_form(form, folder, monkeypatch, capsys):
    text = ORDERS
    if form == "jsonl":
        line = {"sku": "TEA", "quantity": 2, "unit_price": "10.05"}
        text = json.dumps({"order": "A1", "at": "2026-03-01T12:00:00Z", "currency": "EUR", "lines": [line]})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode()))))
    assert run("--json", "-", orders="-") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["orders"] == (3 if form == "csv" else 1)
    assert "%" not in said.err


def test_no_orders_are_told_as_such(folder, capsys):
    Path("none.jsonl").write_text("\n\n")
    assert run("--margin", "30", orders="none.jsonl") == 0
    assert capsys.readouterr().out == "no orders\n"


@pytest.mark.parametrize(
    ("broken", "text", "told"),
    [
        ("orders.csv", ORDERS.replace("10.05", "ten"), "orders.csv: line 2, column unit_price: expected an amount from zero up"),
        ("orders.csv", ORDERS.replace("A3,2026-03-12", "A3,2026-02-12"), "orders.csv: line 5, order A3: expected orders in the order of their time"),
        ("orders.csv", ORDERS.replace("2T12:00:00+01:00,EUR", "2T12:00:00+01:00,USD"), "orders.csv: expected orders in EUR, as the first was"),
        ("promotions.json", '{"promotions": [{}]}', "promotions.json: line 1"),
        ("old.json", "{", "old.json: line 1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_file_and_place_and_gives_no_sums(broken, text, told, folder, capsys):
    Path(broken).write_text(text)
    assert run("--against", "old.json") == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""


def test_a_file_that_is_not_there_is_told(folder, capsys):
    assert (run(orders="missing.csv"), run(file="missing.json")) == (2, 2)
    said = capsys.readouterr().err
    assert "missing.csv: cannot be read: No such file or directory" in said
    assert "missing.json: line 1, column 1: cannot be opened: No such file or directory" in said


def test_what_cannot_be_written_is_told_after_the_table(folder, capsys):
    assert run("--json", "no/where.json") == 1
    said = capsys.readouterr()
    assert "no/where.json: cannot be written: No such file or directory" in said.err
    assert "cost of the promotions" in said.out


@pytest.mark.parametrize("margin", ["0", "-1", "101", "12.345", "a third", "", ".5", "٣"])
def test_a_margin_that_is_none_is_a_usage_error(margin, folder, capsys):
    with pytest.raises(SystemExit) as stop:
        run(f"--margin={margin}")
    assert stop.value.code == 2
    assert "expected a margin in percent above 0 and up to 100" in capsys.readouterr().err


def test_the_picture_shows_each_promotion_and_when_it_was_used_up_and_is_always_the_same(folder):
    peer("matplotlib")
    assert (run("--picture", "one.svg"), run("--picture", "two.svg")) == (0, 0)
    drawn = Path("one.svg").read_bytes()
    said = [text.strip() for text in ET.fromstring(drawn).itertext() if text.strip()]
    assert {"Cost of promotions over 3 orders", "Ten $ off $", "post", "used up 2026-03-12", "cost so far in EUR"} <= set(said)
    assert drawn == Path("two.svg").read_bytes()


def test_a_picture_of_nothing_can_be_drawn(folder):
    peer("matplotlib")
    Path("none.csv").write_text(ORDERS.splitlines()[0])
    assert run("--picture", "none.svg", orders="none.csv") == 0
    assert ET.parse("none.svg").getroot().tag.endswith("svg")


def orders(count: int):
    return [f'{{"order": "o{n}", "at": "2026-03-{n + 1:02}T12:00:00Z", "currency": "EUR", "lines": [{LINE}]}}' for n in range(count)]


LINE = '{"sku": "TEA", "quantity": 1, "unit_price": "1000.00"}'


def test_the_picture_draws_the_dearest_and_some_that_were_used_up_and_puts_the_others_together():
    many = [Promotion(id=f"p{n:02}", effects=(AcrossOff(Money(100 + n, "EUR")),), limits=Limits(total=1 if n < 6 else None)) for n in range(20)]
    lines = lines_of(simulate(read_orders(orders(3), form="jsonl"), Engine(many)))
    others = [n for n in range(12) if n > 5 or n < 6 - MOST_USED_UP]
    assert [line.name for line in lines] == [
        *[f"p{n:02}" for n in range(19, 19 - MOST_LINES, -1)],
        *[f"p{n:02}" for n in range(5, 5 - MOST_USED_UP, -1)],
        f"{len(others)} others",
    ]
    assert lines[-1].points[-1][1] == sum((100 + n) * (1 if n < 6 else 3) for n in others)
    assert [line.used_up is not None for line in lines] == [False] * MOST_LINES + [True] * MOST_USED_UP + [False]


def test_a_cost_beyond_the_margin_is_never_paid_for():
    half = Engine((Promotion(id="half", effects=(Percent(5_000),)),))
    found = simulate(read_orders(orders(1), form="jsonl"), half)
    assert "break-even never at a margin of 30.00 %" in " ".join(table(found, margin=3_000).split())
