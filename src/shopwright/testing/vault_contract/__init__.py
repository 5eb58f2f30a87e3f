"""The contract of a vault, as tests that a plug-in author inherits.

    class TestMyVault(VaultContract):
        def make_vaults(self) -> RotatingVaults:
            return RotatingVaults(old=MyVault(k1), rotating=MyVault(k2, k1), rotated=MyVault(k2), secrets=(b"...",))

One override: the same vault before, in the middle of and after a rotation, and the secrets that it must never show.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.vault_contract.kit import RotatingVaults as RotatingVaults
    from shopwright.testing.vault_contract.kit import VaultContract as VaultContract

_HOMES = {"RotatingVaults": "kit", "VaultContract": "kit"}

__all__ = ["RotatingVaults", "VaultContract"]

pytest.register_assert_rewrite(f"{__name__}.kit")


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
