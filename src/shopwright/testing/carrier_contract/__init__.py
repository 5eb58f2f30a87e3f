"""The contract of a carrier, as tests that a plug-in author inherits.

    class TestMyPost(CarrierContract):
        def make_carrier(self) -> CarrierStage:
            return MyPostStage()

One override: a fresh stage, that is the adapter with a fake of its provider behind it. What the adapter's capabilities declare is
exercised, what they do not declare must be refused. `docs/how-to/write-a-carrier.md` walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.carrier_contract.kit import CarrierContract as CarrierContract
    from shopwright.testing.carrier_contract.stage import CarrierStage as CarrierStage

_HOMES = {"CarrierContract": "kit", "CarrierStage": "stage"}
_MODULES = ("stage", "quotes", "transports", "ways_back", "tracks", "kit")

__all__ = ["CarrierContract", "CarrierStage"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
