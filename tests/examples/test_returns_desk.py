"""The returns desk as a clerk uses it: by a script, over two runs, and at a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.surroundings import ROOT

MAIN = ROOT / "examples" / "returns_desk" / "main.py"


def script(*lines: str, place: Path) -> subprocess.CompletedProcess[str]:
    """What the desk says to these lines."""
    command = [sys.executable, str(MAIN), "--script", "-", "--place", str(place)]
    return subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False, timeout=240)


def said(run: subprocess.CompletedProcess[str], line: str) -> list[str]:
    """What was said to a line, until the next."""
    return run.stdout.partition(f"returns> {line}\n")[2].partition("returns> ")[0].splitlines()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the mall of these tests is; they go on with it one after the other."""
    return tmp_path_factory.mktemp("desk") / "mall"


@pytest.fixture(scope="module")
def day(place: Path) -> subprocess.CompletedProcess[str]:
    """A day at the desk, from the first look to the last refund."""
    return script(
        "# good morning",
        "list",
        "approve 1 1=refund:keep",
        "resolve 1",
        "yes",
        "label 2",
        "receive 3",
        "inspect 3 1=1:damaged:write_off",
        "resolve 3",
        "yes",
        "resolve 4",
        "yes",
        "miss 6",
        "resolve 6",
        "no",
        "reject 8 opened 'the seal is broken'",
        "show 8",
        "help",
        "help inspect",
        place=place,
    )


def test_a_day_at_the_desk_ends_well(day: subprocess.CompletedProcess[str]) -> None:
    assert (day.returncode, day.stderr) == (0, "")
    done = [line for line in day.stdout.splitlines() if line.startswith("done: ")]
    assert [line.split(";")[0] for line in done] == [
        "done: case 1 is approved",
        "done: case 1 is resolved",
        "done: case 2 is approved",
        "done: case 3 is received",
        "done: case 3 is inspected",
        "done: case 3 is resolved",
        "done: case 4 is resolved",
        "done: case 6 is inspected",
        "done: case 8 is rejected",
    ]


def test_the_list_tells_who_waits_for_whom_and_since_when(day: subprocess.CompletedProcess[str]) -> None:
    _, *rows = said(day, "list")
    assert [tuple(row.split()[:4]) for row in rows] == [
        ("1", "11", "d", "ann"),
        ("2", "10", "d", "bodo"),
        ("3", "9", "d", "chiara"),
        ("4", "8", "d", "dilip"),
        ("5", "7", "d", "ewa"),
        ("6", "6", "d", "farah"),
        ("7", "5", "d", "goran"),
        ("8", "4", "d", "hana"),
        ("10", "2", "d", "jule"),
    ]
    assert rows[2].endswith("shop: receive the goods; the carrier has brought them")


def test_money_is_shown_before_it_moves_and_moves_as_it_was_shown(day: subprocess.CompletedProcess[str]) -> None:
    shown, _, after = day.stdout.partition("returns> resolve 3")[2].partition("do it? yes or no yes")
    assert "129.00 EUR goes back to the customer" in shown
    assert "  card: 129.00 EUR of 129.00 EUR has gone back" in after


def test_a_no_leaves_a_case_as_it_is(day: subprocess.CompletedProcess[str]) -> None:
    answer = day.stdout.partition("returns> resolve 6")[2].partition("do it? yes or no no\n")[2]
    assert answer.startswith("left as it is\n")


def test_a_label_names_the_dock_of_the_shop(day: subprocess.CompletedProcess[str]) -> None:
    assert [line.strip("| ") for line in said(day, "label 2") if "|" in line][:3] == ["The mall", "Returns", "Dock 1"]


def test_a_case_tells_its_story_with_what_was_written(day: subprocess.CompletedProcess[str]) -> None:
    assert said(day, "show 8")[-1].endswith('clerk-1 rejected: opened: "the seal is broken"')


def test_every_command_has_its_help(day: subprocess.CompletedProcess[str]) -> None:
    listed = {line.split()[0] for line in said(day, "help") if line.startswith("  ")}
    assert listed >= {"list", "next", "show", "ask", "approve", "reject", "label", "receive", "miss", "inspect", "money", "resolve", "quit"}
    assert said(day, "help inspect")[-1] == "  inspect 3 1=1:damaged:write_off"


NO = {
    "dance 1": "not understood: 'dance' is no command; there are: list, next, show",
    "re 1": "not understood: 're' is no command; it may be: reject, receive, resolve",
    "show": "not understood: expected the number of a case, such as 1; got nothing",
    "show 99": "not understood: expected the number of a case, such as 1; got 99",
    "ask 10": "not understood: say what the customer is asked for",
    "ask 10 what's that": "not understood: No closing quotation",
    "approve 10 refund": "not understood: expected LINE=..., such as 1=1, got 'refund'",
    "approve 10 1=gold": "not understood: expected one of refund, partial_refund, replace",
    "approve 10 1=partial_refund": "not possible: a partial refund and points say how much",
    "approve 10 1=partial_refund:1.234": "not possible: expected an amount of at most 2 decimals for EUR",
    "approve 10": "not possible: cannot approve a case that is approved; allowed: ",
    "receive 5": "not possible: cannot receive a case that is asked; allowed: ",
    "receive 10 1=9": "no: 9 units of line 1 of the case are to be received, and 1 can be (case_units_above)",
    "inspect 10 1=1:shiny": "not understood: expected one of accepted, used, damaged",
    "resolve 2": "no: goods of case ",
    "resolve 4": "not possible: cannot resolve a case that is resolved; allowed: ",
    "label 7": "no: nothing has to come back for case ",
    "aside 4 sell": "not understood: expected restock or write_off, got sell",
    "list yesterday": "not understood: expected one of shop, customer, carrier, closed",
    "help dance": "not understood: 'dance' is no command",
}


def test_a_second_day_goes_on_with_the_first_and_every_no_is_a_sentence(day: subprocess.CompletedProcess[str], place: Path) -> None:
    run = script(*NO, "resolve 7", "yes", "list closed", place=place)

    assert {line: said(run, line)[0][: len(told)] for line, told in NO.items()} == NO
    assert "  card: 18.00 EUR of 108.00 EUR has gone back" in run.stdout
    assert [row.split()[3] for row in said(run, "list closed")[1:]] == ["ann", "chiara", "dilip", "goran", "hana", "ivo"]
    assert (run.returncode, run.stderr) == (1, "")


def test_an_exchange_is_priced_before_it_is_done_and_what_is_wrong_with_orders_is_taken_on_and_ended(tmp_path: Path) -> None:
    lost, wrong = "20260415-Z4TTG-J/1", "20260418-Y561Z-W/1"
    ends = (f"settle {wrong} reshipped", f"again {wrong}", f"settle {wrong} mistaken")
    words = (f"take {lost}", f"again {lost}", f"take {wrong}", "inbox mine", *ends)
    run = script("inbox", "resolve 7 1=1:exchange:LAMP", "yes", *words, "inbox yours", "take 9/1", "# the end", "inbox", place=tmp_path / "mall")

    assert [line.split() for line in said(run, "inbox") if "/1" in line] == [
        [lost, "3", "d", "high", "nobody", "parcel_lost"],
        [wrong, "2", "d", "high", "nobody", "information_wrong"],
    ]
    shown, _, after = run.stdout.partition("returns> resolve 7 1=1:exchange:LAMP\n")[2].partition("do it? yes or no yes\n")
    assert shown.splitlines()[-3:] == [
        "  no money goes back",
        "  1 x Reading lamp, brass (LAMP) for 129.00 EUR is sold with the order",
        "  111.00 EUR is for the customer to pay before it ships",
    ]
    assert after.startswith("done: case 7 is resolved")
    answers = [f"done: {lost} is yours", f"done: {lost} goes out once more", f"done: {wrong} is yours"]
    assert [said(run, word)[0] for word in words[:3]] == answers
    assert said(run, "inbox mine")[0].split()[:5] == [wrong, "2", "d", "high", "clerk-1"]
    assert said(run, words[4])[0].startswith("no: information_wrong does not end as reshipped; allowed: ")
    assert said(run, words[5])[0].endswith(" is lost; settle it another way")
    assert said(run, words[6]) == [f"done: {wrong} is settled"]
    assert said(run, "inbox yours") == ["not understood: expected inbox, or inbox mine; got yours"]
    assert said(run, "take 9/1")[0].startswith("not understood: expected a name from the inbox")
    assert run.stdout.endswith("returns> inbox\nnothing is wrong\n")


def test_at_a_terminal_there_is_a_prompt_color_and_a_way_home(day: subprocess.CompletedProcess[str], place: Path) -> None:
    ours, theirs = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    command = [sys.executable, str(MAIN), "--place", str(place)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, close_fds=True) as desk:
        os.close(theirs)
        try:
            assert "cases are open" in _until(ours, "returns> ")
            os.write(ours, b"list shop\n")
            assert "\x1b[1m" in _until(ours, "returns> ")
            os.write(ours, b"resolve 6\n")
            assert "129.00 EUR goes back" in _until(ours, "do it? yes or no ")
            os.write(ours, b"no\n")
            assert "left as it is" in _until(ours, "returns> ")
            os.write(ours, b"dance\n")
            assert "\x1b[31mnot understood" in _until(ours, "returns> ")
            os.write(ours, b"\x04")
            assert desk.wait(60) == 0
        finally:
            desk.kill()
            os.close(ours)


def _until(terminal: int, sign: str) -> str:
    """What a terminal shows until it shows this."""
    shown, patience = "", time.monotonic() + 240
    while not shown.endswith(sign):
        assert time.monotonic() < patience, f"waited for {sign!r}, got {shown!r}"
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65_536).decode()
    return shown
