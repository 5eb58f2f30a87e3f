"""The contract of a tax engine, as tests that a plug-in author inherits.

    class TestMyTaxes(TaxEngineContract):
        def make_engine(self) -> TaxStage:
            return MyStage()

One override: a fresh stage, that is the adapter with a fake of its provider behind it. `docs/how-to/ask-a-tax-engine.md` walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.tax_contract.kit import TaxEngineContract as TaxEngineContract
    from shopwright.testing.tax_contract.stage import TaxStage as TaxStage

_HOMES = {"TaxEngineContract": "kit", "TaxStage": "stage"}
_MODULES = ("stage", "kit")

__all__ = ["TaxEngineContract", "TaxStage"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
