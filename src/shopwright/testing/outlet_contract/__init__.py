"""The contract of an outlet, as tests that a plug-in author inherits: `class TestMyBroker(OutletContract)` with `make_outlet` overridden.

One override: a fresh stage, that is the adapter with its broker, or a fake of it, behind. `docs/how-to/tell-a-message-broker.md` walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.outlet_contract.kit import OutletContract as OutletContract
    from shopwright.testing.outlet_contract.stage import Arrived as Arrived
    from shopwright.testing.outlet_contract.stage import OutletStage as OutletStage

_HOMES = {"Arrived": "stage", "OutletContract": "kit", "OutletStage": "stage"}
_MODULES = ("stage", "kit")

__all__ = ["Arrived", "OutletContract", "OutletStage"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
