"""What a test may find or miss around it: other packages, a PostgreSQL, the real data.

Rules
- on a user's machine a missing thing skips the test and says what to install or to set;
- where CI is set it fails: a check that silently did not run is worse than a red one.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent


def peer(module: str) -> ModuleType:
    """Import a package that a test compares with or talks through, or give up on the test."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing(f"{module} cannot be imported ({error}); `nox -s tests` installs it")


def real_data(folder: str) -> Path:
    """A folder of the real data, which is never part of the project; `SHOPWRIGHT_DATA` says where it is."""
    home = Path(os.environ.get("SHOPWRIGHT_DATA", ROOT.parent / "shared" / "data"))
    if not (home / folder).is_dir():
        pytest.skip(f"no {folder} in {home}; set SHOPWRIGHT_DATA to the folder that holds it")
    return home / folder


def missing(reason: str) -> NoReturn:
    """Fail where CI is set, skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def tries(usual: int, *, full: int) -> int:
    """How often something is tried: so often in the usual run, and in the one with `--full`, whose profile has more than a hundred examples."""
    return full if settings().max_examples > 100 else usual
