"""Seeing whether a call looks at a clock, at chance or at anything outside, by watching which functions run in it.

Rules
- what is watched is the second call: the first may load what it needs, such as the rules of a time zone;
- the functions themselves stay as they are, and so does whatever else watches.
"""

from __future__ import annotations

import gc
import sys
from _random import Random
from collections.abc import Callable
from datetime import date
from inspect import ismodule
from types import FrameType
from typing import Any

CLOCKS = frozenset({"now", "utcnow", "today"})
"""Methods of dates and times that look at the clock."""

OF_TIME = frozenset(
    "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time process_time_ns thread_time localtime gmtime ctime sleep".split()
)
"""Functions of the module `time` that look at the clock, or wait for it."""

OUTSIDE = frozenset("posix nt _io io _socket _ssl _sqlite3 _posixsubprocess _winapi".split())
"""Modules in C that reach out of the program."""

REACHING = frozenset("os random secrets uuid logging pathlib subprocess socket sqlite3 tempfile urllib http".split())
"""Modules in Python that do, or that draw lots."""


def looked_at(ask: Callable[[], object]) -> tuple[str, ...]:
    """The functions by which this call looked at what is not among its arguments, by name, each once."""
    ask()
    found: dict[str, None] = {}

    def watch(frame: FrameType, event: str, called: Any) -> None:
        name = _of_python(frame) if event == "call" else _of_c(called) if event == "c_call" else ""
        if name:
            found[name] = None

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # what others do when garbage is collected is not the doing of this call
    sys.setprofile(watch)
    try:
        ask()
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return tuple(sorted(found))


def _of_python(frame: FrameType) -> str:
    module = str(frame.f_globals.get("__name__", ""))
    return f"{module}.{frame.f_code.co_name}" if module.partition(".")[0] in REACHING else ""


def _of_c(called: Any) -> str:
    home, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    if isinstance(home, Random):
        return f"random.{name}"
    if isinstance(home, type) and issubclass(home, date) and name in CLOCKS:
        return f"{home.__name__}.{name}"
    if ismodule(home):
        module = home.__name__
        reaches = module in OUTSIDE or (module == "time" and name in OF_TIME) or (module == "builtins" and name in {"print", "input"})
        return f"{module}.{name}" if reaches else ""
    return ""
