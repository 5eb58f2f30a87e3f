"""The conversation: lines come from a terminal or from a script, answers go out, and nothing that is typed ends it but `quit`.

Rules
- at a terminal there is a prompt, a greeting and color (unless `NO_COLOR` is set); a script is echoed, so that it reads as a conversation;
- what was refused or could not be read makes the status of a script 1, and does not stop it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from clerks_terminal.acting import Clerk
from clerks_terminal.mall import MORNING, World
from clerks_terminal.telling import Ink
from clerks_terminal.words import Unreadable
from shopwright import ShopwrightError

PROMPT = "returns> "
GREETING = "`list` shows the cases, `next` the oldest that waits for you, `help` all there is to type."

Read = Callable[[str], str | None]
"""The next line, after this prompt; `None` when there are no more."""


def conversation(world: World, script: Iterable[str] | None) -> int:
    """Take line after line until there are no more; the status to leave with."""
    read, ink = (_typed, Ink(sys.stdout.isatty() and "NO_COLOR" not in os.environ)) if script is None else (_echoed(script), Ink())
    clerk, unread = Clerk(world, ink, lambda question: read(f"{question} ") or ""), 0
    waiting = len(world.shop.returns.inbox(limit=200).cases)
    print(ink.bold(f"The returns desk, {MORNING:%d %B %Y, %H:%M}: {waiting} cases are open."))
    if script is None:
        print(GREETING)
    while (line := read(PROMPT)) is not None and line.split()[:1] != ["quit"]:
        unread += not _understood(clerk, line, ink)
    return 1 if script is not None and (unread or clerk.refused) else 0


def _understood(clerk: Clerk, line: str, ink: Ink) -> bool:
    """Do what a line says, and print what came of it."""
    try:
        for told in clerk.do(line):
            print(told)
    except Unreadable as error:
        print(ink.red(f"not understood: {error}"))
    except ShopwrightError as error:
        print(ink.red(f"not possible: {error}"))
    else:
        return True
    return False


def _typed(prompt: str) -> str | None:
    """A line from the keyboard; Ctrl-C drops what is being typed, Ctrl-D ends."""
    try:
        return input(prompt)
    except KeyboardInterrupt:
        print()
        return ""
    except EOFError:
        print()
        return None


def _echoed(script: Iterable[str]) -> Read:
    """The lines of a script, each shown as if it were typed."""
    lines = iter(script)

    def read(prompt: str) -> str | None:
        line = next(lines, None)
        if line is not None:
            print(f"{prompt}{line.rstrip()}")
        return line

    return read
