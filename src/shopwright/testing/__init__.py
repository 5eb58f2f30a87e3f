"""For tests, ours and yours: contract kits, builders, a frozen clock, fault injection. Needs the extra `testing`.

A kit is loaded when it is asked for: `from shopwright.testing import StorageContract`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shopwright.testing.carrier_contract import CarrierContract as CarrierContract
    from shopwright.testing.carrier_contract import CarrierStage as CarrierStage
    from shopwright.testing.clock import FrozenClock as FrozenClock
    from shopwright.testing.gateway_contract import GatewayContract as GatewayContract
    from shopwright.testing.gateway_contract import GatewayStage as GatewayStage
    from shopwright.testing.gateway_contract import Moved as Moved
    from shopwright.testing.gateway_contract import cannot_stage as cannot_stage
    from shopwright.testing.ids import SeededIds as SeededIds
    from shopwright.testing.promotion_contract import ConditionContract as ConditionContract
    from shopwright.testing.promotion_contract import EffectContract as EffectContract
    from shopwright.testing.search_contract import DurableSearchIndexContract as DurableSearchIndexContract
    from shopwright.testing.search_contract import SearchIndexContract as SearchIndexContract
    from shopwright.testing.storage_contract import DurableStorageContract as DurableStorageContract
    from shopwright.testing.storage_contract import StorageContract as StorageContract
    from shopwright.testing.storage_contract import storage_machine as storage_machine
    from shopwright.testing.tax_contract import TaxEngineContract as TaxEngineContract
    from shopwright.testing.tax_contract import TaxStage as TaxStage
    from shopwright.testing.taxes import FakeTaxEngine as FakeTaxEngine
    from shopwright.testing.vault_contract import RotatingVaults as RotatingVaults
    from shopwright.testing.vault_contract import VaultContract as VaultContract

_HOMES = {
    "CarrierContract": "carrier_contract",
    "CarrierStage": "carrier_contract",
    "ConditionContract": "promotion_contract",
    "DurableSearchIndexContract": "search_contract",
    "DurableStorageContract": "storage_contract",
    "EffectContract": "promotion_contract",
    "FakeTaxEngine": "taxes",
    "FrozenClock": "clock",
    "GatewayContract": "gateway_contract",
    "GatewayStage": "gateway_contract",
    "Moved": "gateway_contract",
    "RotatingVaults": "vault_contract",
    "SearchIndexContract": "search_contract",
    "SeededIds": "ids",
    "StorageContract": "storage_contract",
    "TaxEngineContract": "tax_contract",
    "TaxStage": "tax_contract",
    "VaultContract": "vault_contract",
    "cannot_stage": "gateway_contract",
    "storage_machine": "storage_contract",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
