"""The kit as one class: all of its chapters, and the one method to override."""

from __future__ import annotations

import pytest

from shopwright.testing.carrier_contract.quotes import Quotes
from shopwright.testing.carrier_contract.stage import CarrierStage
from shopwright.testing.carrier_contract.tracks import Tracks
from shopwright.testing.carrier_contract.transports import Transports
from shopwright.testing.carrier_contract.ways_back import WaysBack


class CarrierContract(Quotes, Transports, WaysBack, Tracks):
    """Every promise of the carrier port. Inherit, override `make_carrier`, done."""

    def make_carrier(self) -> CarrierStage:
        """A carrier at a provider where nothing has happened yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_carrier and return a CarrierStage")

    @pytest.fixture
    def stage(self) -> CarrierStage:
        """A fresh stage for each test."""
        return self.make_carrier()
