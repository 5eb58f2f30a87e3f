"""A payment gateway without a network, for tests, demos and development: it says yes, no, later, or nothing, as it is told.

    gateway = FakeGateway(clock=clock)
    outcome = gateway.start(StartPayment(..., source_token="tok_lost_applied"))     # raises Indeterminate, and has taken the money

`gateway.provider` is the other side: the truth about every payment, the buyer on the page, the bank, the notifications. Several
gateways may share one `FakeProvider`, as a shop does before and after a crash; with `path` it lives in a file for several processes.

The magic words of `source_token` are listed in `shopwright.adapters.fake_gateway.conduct`.
"""

from __future__ import annotations

from shopwright.adapters.fake_gateway.gateway import FakeGateway
from shopwright.adapters.fake_gateway.provider import EVERYTHING, FakeProvider, Movement
from shopwright.adapters.fake_gateway.settings import FakeSettings

__all__ = ["EVERYTHING", "FakeGateway", "FakeProvider", "FakeSettings", "Movement"]
