"""The kit as one class: all of its chapters, and the one method to override."""

from __future__ import annotations

import pytest

from shopwright.testing.gateway_contract.declarations import Declarations
from shopwright.testing.gateway_contract.disputes import Disputes
from shopwright.testing.gateway_contract.keys import Keys, Troubles
from shopwright.testing.gateway_contract.laws import Laws
from shopwright.testing.gateway_contract.lives import Lives
from shopwright.testing.gateway_contract.pushes import Books, Pushes
from shopwright.testing.gateway_contract.refunds import Declines, Refunds
from shopwright.testing.gateway_contract.stage import GatewayStage
from shopwright.testing.gateway_contract.transports import Transports


class GatewayContract(Declarations, Lives, Refunds, Disputes, Declines, Keys, Troubles, Transports, Pushes, Books, Laws):
    """Every promise of the gateway port. Inherit, override `make_gateway`, done."""

    def make_gateway(self) -> GatewayStage:
        """A gateway at a provider where nothing has happened yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_gateway and return a GatewayStage")

    @pytest.fixture
    def stage(self) -> GatewayStage:
        """A fresh stage for each test."""
        return self.make_gateway()
