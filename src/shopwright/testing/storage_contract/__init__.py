"""The contract kit for storages: every promise of `shopwright.ports.storage`, as tests that any adapter inherits.

    class TestMyStorage(StorageContract):
        def make_storage(self, kinds):
            return MyStorage(kinds)

Rules
- `make_storage` gives a new, empty storage at each call; the kit closes it;
- a storage that outlives its process inherits `DurableStorageContract` instead, and gives an `opener` too;
- the kit knows the port and nothing else: what it cannot say through the port, an adapter's own tests say.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.storage_contract.kit import DurableStorageContract as DurableStorageContract
    from shopwright.testing.storage_contract.kit import StorageContract as StorageContract
    from shopwright.testing.storage_contract.machine import storage_machine as storage_machine

_HOMES = {"DurableStorageContract": "kit", "StorageContract": "kit", "storage_machine": "machine"}
_MODULES = ("steps", "documents", "queries", "quotas", "streams", "edges", "races", "machine", "processes", "crashes", "kit")

__all__ = ["DurableStorageContract", "StorageContract", "storage_machine"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
