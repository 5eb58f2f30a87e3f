"""The contract of a payment gateway, as tests that a plug-in author inherits.

    class TestMyPay(GatewayContract):
        def make_gateway(self) -> GatewayStage:
            return MyPayStage()

One override: a fresh stage, that is the adapter with a fake of its provider behind it. What the adapter's `Capabilities` declare is
exercised, what they do not declare must be refused. Each test stands for one of seventeen promises and names it when it fails
(`PROMISES`, `docs/reference/gateway-promises.md`). `docs/how-to/write-a-gateway.md` walks through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopwright.testing.gateway_contract.kit import GatewayContract as GatewayContract
    from shopwright.testing.gateway_contract.promises import PROMISES as PROMISES
    from shopwright.testing.gateway_contract.promises import promise as promise
    from shopwright.testing.gateway_contract.spare import RolledKeys as RolledKeys
    from shopwright.testing.gateway_contract.stage import GatewayStage as GatewayStage
    from shopwright.testing.gateway_contract.stage import Moved as Moved
    from shopwright.testing.gateway_contract.stage import cannot_stage as cannot_stage
    from shopwright.testing.gateway_contract.wire import Wire as Wire
    from shopwright.testing.gateway_contract.wire import WiredStage as WiredStage

_HOMES = {
    "PROMISES": "promises",
    "RolledKeys": "spare",
    "GatewayContract": "kit",
    "GatewayStage": "stage",
    "Moved": "stage",
    "Wire": "wire",
    "WiredStage": "wire",
    "cannot_stage": "stage",
    "promise": "promises",
}
_MODULES = ("stage", "declarations", "lives", "refunds", "disputes", "keys", "transports", "pushes", "laws", "kit")

__all__ = ["PROMISES", "GatewayContract", "GatewayStage", "Moved", "RolledKeys", "Wire", "WiredStage", "cannot_stage", "promise"]

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in _MODULES))


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
