"""The contract of a payment gateway, as tests that a plug-in author inherits.

    class TestMyPay(GatewayContract):
        def make_gateway(self) -> GatewayStage:
            return MyPayStage()

One override: a fresh stage, that is the adapter with a fake of its provider behind it. What the adapter's `Capabilities` declare is
exercised, what they do not declare must be refused. `docs/how-to/write-a-gateway.md` walks through it.
"""

from __future__ import annotations

import pytest

from shopwright.testing.gateway_contract.declarations import Declarations
from shopwright.testing.gateway_contract.keys import Keys, Troubles
from shopwright.testing.gateway_contract.laws import Laws
from shopwright.testing.gateway_contract.lives import Lives
from shopwright.testing.gateway_contract.pushes import Books, Pushes
from shopwright.testing.gateway_contract.refunds import Declines, Refunds
from shopwright.testing.gateway_contract.stage import GatewayStage, Moved, cannot_stage

__all__ = ["GatewayContract", "GatewayStage", "Moved", "cannot_stage"]


class GatewayContract(Declarations, Lives, Refunds, Declines, Keys, Troubles, Pushes, Books, Laws):
    """Every promise of the gateway port. Inherit, override `make_gateway`, done."""

    def make_gateway(self) -> GatewayStage:
        """A gateway at a provider where nothing has happened yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_gateway and return a GatewayStage")

    @pytest.fixture
    def stage(self) -> GatewayStage:
        """A fresh stage for each test."""
        return self.make_gateway()
