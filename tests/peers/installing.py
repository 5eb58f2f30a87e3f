"""Installing peers: a virtual environment or a folder of node modules each, once for all workers and all later runs."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.surroundings import ROOT, missing

NODE_PACKAGES = ("alipay-sdk@4.14.0", "stripe@23.1.0", "stripe-stateful-mock@0.0.16", "wechatpay-axios-plugin@0.9.6")
"""All that is from npm: one installation for all of them takes hardly longer than one for the first."""

PATIENCE = 300
"""How many seconds an installation may take."""


def home() -> Path:
    """Where the peers are."""
    return Path(os.environ.get("SHOPWRIGHT_PEERS", ROOT / ".peers")).absolute()


@cache
def node_modules() -> Path:
    """A folder with all packages of npm; what is required from it is found. Gives up on the test without Node."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("the peers from npm need Node; install node and npm to run them")
    return _installed("npm", NODE_PACKAGES, _install_node)


@cache
def environment(name: str, *requirements: str, python: str = "") -> Path:
    """The interpreter of a virtual environment with these requirements, on this Python or on a version of its own (`3.12`)."""
    chosen = interpreter(python) if python else sys.executable
    if chosen is None:
        missing(f"{name} needs python {python}, which is not on this machine")
    folder = _installed(name, (python, *requirements), lambda folder: _install_python(folder, chosen, requirements))
    return folder / "bin" / "python"


def interpreter(version: str) -> str | None:
    """The path of this Python, when there is one that starts (a version manager may offer names that do not)."""
    found = [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}*/bin/python"))]
    for name in found:
        if name and subprocess.run([name, "--version"], capture_output=True, check=False).returncode == 0:
            return name
    return None


def _installed(name: str, what: tuple[str, ...], install: Callable[[Path], list[list[str]]]) -> Path:
    """The folder of this peer, made by the commands of `install` unless it is there already and whole."""
    wanted = sha256("\n".join(what).encode()).hexdigest()[:12]
    folder = home() / f"{name}-{wanted}"
    done = folder / ".whole"
    with _alone(home() / f"{name}-{wanted}.lock"):
        if done.exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for command in install(folder):
            _run(name, command)
        done.touch()
    return folder


def _install_node(folder: Path) -> list[list[str]]:
    return [["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *NODE_PACKAGES]]


def _install_python(folder: Path, python: str, requirements: tuple[str, ...]) -> list[list[str]]:
    uv = shutil.which("uv")
    if uv is not None:
        return [[uv, "venv", "-q", "--allow-existing", "-p", python, str(folder)], [uv, "pip", "install", "-q", "-p", str(folder), *requirements]]
    here = str(folder / "bin" / "python")
    return [[python, "-m", "venv", str(folder)], [here, "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements]]


def _run(name: str, command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        missing(f"the peer {name} cannot be installed: {type(error).__name__}")
    if done.returncode:
        missing(f"the peer {name} cannot be installed: {done.stderr[-300:]}")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """While nobody else, in whichever process, is in a block with this lock."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
