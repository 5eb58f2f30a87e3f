"""Things of a host's own that a command is told by name: `MODULE:NAME`, looked for in the folder that one stands in, too."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from shopwright.errors import InvalidValue


def found_by_name(name: str, *, what: str, example: str) -> Any:
    """What has this name. Raises `InvalidValue` where nothing has; `what` and an `example` say what was expected."""
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise InvalidValue(f"expected {what}, such as {example}, got {name!r}")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidValue(f"cannot find {name}: {error}") from error
