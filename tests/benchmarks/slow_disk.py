"""A PostgreSQL whose disk takes its time, as network disks do: each `fdatasync` of the server sleeps before it does what it does.

A library of ten lines is compiled and loaded before the server's own; nothing else about the server differs. Commits that wait at the same time
share a write to the disk, as they do on a real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.servers import SETTINGS, Server
from tests.benchmarks.sides import PeerMissing

_SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int fdatasync(int file) {{
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, "fdatasync");
    struct timespec pause = {{0, {nanoseconds}L}};
    nanosleep(&pause, 0);
    return real(file);
}}
"""


@contextmanager
def started_slow(*, milliseconds: int) -> Iterator[Server]:
    """A server that needs so many milliseconds more for each write to the disk; raises `PeerMissing` where none can be had."""
    from shopwright.testing import postgres

    compiler = shutil.which("cc") or shutil.which("gcc")
    reason = postgres.missing() or (None if compiler and sys.platform == "linux" else "a slow disk is made with a C compiler, on Linux")
    if reason or compiler is None:
        raise PeerMissing(str(reason))
    with postgres.LocalPostgres(settings=SETTINGS) as server:
        library = _compiled(compiler, server.folder, milliseconds)
        server.crash()
        before = os.environ.get("LD_PRELOAD")
        os.environ["LD_PRELOAD"] = str(library)
        try:
            server.start()
        finally:
            os.environ.pop("LD_PRELOAD")
            if before is not None:
                os.environ["LD_PRELOAD"] = before
        yield Server(server.conninfo)


def _compiled(compiler: str, folder: Path, milliseconds: int) -> Path:
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(_SOURCE.format(nanoseconds=milliseconds * 1_000_000))
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    library.chmod(0o755)
    return library
