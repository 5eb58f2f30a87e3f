"""The contracts of promotion parts, as tests that a plug-in author inherits: one for conditions, one for effects.

    class TestFromBrands(ConditionContract):
        def conditions(self) -> tuple[Condition, ...]:
            return (FromBrands({"acme", "ubu"}), FromBrands({"acme"}, least=1))

One override: some values of the class, or a Hypothesis strategy that draws them. The kit asks them about random baskets.
`docs/how-to/write-a-promotion-plugin.md` walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.promotion_contract.conditions import ConditionContract as ConditionContract
    from shopwright.testing.promotion_contract.effects import EffectContract as EffectContract

_HOMES = {"ConditionContract": "conditions", "EffectContract": "effects"}
_MODULES = ("baskets", "changes", "watching", "parts", "conditions", "effects")

__all__ = ["ConditionContract", "EffectContract"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
