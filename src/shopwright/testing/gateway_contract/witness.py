"""A witness of connections: what this thread asks the network for while somebody looks, and what an import does in a process of its own.

Python tells audit hooks of each connection, and lets nobody take a hook away; so one is set on first use, and looks away unless it is asked to look.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

_DEEDS = "socket.connect socket.getaddrinfo subprocess.Popen os.remove os.mkdir os.rename shutil.rmtree"
_IMPORT = f"""
import sys, threading
found, deeds = [], set({_DEEDS!r}.split())
def notice(event, arguments):
    if event in deeds:
        found.append(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+") and "__pycache__" not in str(arguments[0]):
        found.append(f"open {{arguments[0]}}")
threads = threading.active_count()
sys.dont_write_bytecode = True
sys.addaudithook(notice)
__import__(sys.argv[1])
found += ["a thread"] * (threading.active_count() - threads)
print("\\n".join(found))
"""

EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})
_seen: ContextVar[list[str] | None] = ContextVar("seen", default=None)


def _notice(event: str, _arguments: Any) -> None:
    if event in EVENTS:
        seen = _seen.get()
        if seen is not None:
            seen.append(event)


@cache
def _look() -> None:
    sys.addaudithook(_notice)


@cache
def done_by_import(module: str) -> tuple[str, ...]:
    """What a fresh process does besides when it imports a module: connections, files that are written, processes and threads that are begun."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run([sys.executable, "-c", _IMPORT, module], capture_output=True, text=True, check=True, env=environment)  # ourselves
    return tuple(run.stdout.split("\n")[:-1]) if run.stdout.strip() else ()


@contextmanager
def connections() -> Iterator[list[str]]:
    """The events of this thread that reach for the network until the block ends."""
    _look()
    found: list[str] = []
    token = _seen.set(found)
    try:
        yield found
    finally:
        _seen.reset(token)
