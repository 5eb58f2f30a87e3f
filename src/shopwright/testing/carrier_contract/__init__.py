"""The contract of a carrier, as tests that a plug-in author inherits.

    class TestMyPost(CarrierContract):
        def make_carrier(self) -> CarrierStage:
            return MyPostStage()

One override: a fresh stage, that is the adapter with a fake of its provider behind it. What the adapter's capabilities declare is
exercised, what they do not declare must be refused. `docs/how-to/write-a-carrier.md` walks through it.
"""

from __future__ import annotations

import pytest

from shopwright.testing.carrier_contract.quotes import Quotes
from shopwright.testing.carrier_contract.stage import CarrierStage
from shopwright.testing.carrier_contract.tracks import Tracks
from shopwright.testing.carrier_contract.transports import Transports

__all__ = ["CarrierContract", "CarrierStage"]


class CarrierContract(Quotes, Transports, Tracks):
    """Every promise of the carrier port. Inherit, override `make_carrier`, done."""

    def make_carrier(self) -> CarrierStage:
        """A carrier at a provider where nothing has happened yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_carrier and return a CarrierStage")

    @pytest.fixture
    def stage(self) -> CarrierStage:
        """A fresh stage for each test."""
        return self.make_carrier()
