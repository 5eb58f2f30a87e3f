"""A line that tells how far a long job has come: one line that changes on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

EVERY_ON_TERMINAL = 0.1
EVERY_IN_LOG = 10.0


class Progress:
    """Tells on standard error, at most so often that nobody is bothered; the end is always told."""

    def __init__(self, what: str, total: int, *, to: TextIO | None = None) -> None:
        self._what, self._total, self._to = what, total, to or sys.stderr
        self._live = self._to.isatty()
        self._every = EVERY_ON_TERMINAL if self._live else EVERY_IN_LOG
        self._began = self._told = time.monotonic()

    def at(self, done: int, note: str = "") -> None:
        """So many are done by now."""
        now = time.monotonic()
        if now - self._told >= self._every:
            self._told = now
            self._write(done, note)

    def end(self, done: int, note: str = "") -> None:
        """All are done."""
        self._write(done, note)
        if self._live:
            self._to.write("\n")
        self._to.flush()

    def _write(self, done: int, note: str) -> None:
        share = f"{100 * done // self._total:3d} %" if self._total else "  0 %"
        text = f"{self._what}: {share}, {done:,} of {self._total:,}{', ' + note if note else ''} ({time.monotonic() - self._began:.0f} s)"
        self._to.write(f"\r{text:<100}" if self._live else f"{text}\n")
        self._to.flush()
