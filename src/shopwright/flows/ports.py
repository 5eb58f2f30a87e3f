"""What a flow is handed: the ports it works through and the rules it works by."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.ids import OrderNumbers
from shopwright.orders.terms import Terms
from shopwright.ports.carrier import Carrier
from shopwright.ports.clock import IdSource
from shopwright.ports.gateway import PaymentGateway
from shopwright.ports.observers import Nobody, Observers
from shopwright.ports.storage import Storage
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS


@frozen(kw_only=True)
class Ports:
    """The ports of one shop; gateways and carriers by the names that are stored with payments and shipments."""

    storage: Storage
    ids: IdSource
    gateways: Mapping[str, PaymentGateway] = field(factory=dict)
    carriers: Mapping[str, Carrier] = field(factory=dict)
    observers: Observers = field(factory=Nobody)
    terms: Terms = field(factory=Terms)
    numbers: OrderNumbers = field(factory=OrderNumbers)
    codec: Codec = field(factory=lambda: Codec(KINDS), repr=False)

    def gateway(self, name: str) -> PaymentGateway:
        """The gateway of this name; raises `InvalidValue` naming those there are."""
        if name not in self.gateways:
            raise InvalidValue(f"no gateway is named {name!r}; this shop has {', '.join(sorted(self.gateways)) or 'none'}")
        return self.gateways[name]

    def carrier(self, name: str) -> Carrier:
        """The carrier of this name; raises `InvalidValue` naming those there are."""
        if name not in self.carriers:
            raise InvalidValue(f"no carrier is named {name!r}; this shop has {', '.join(sorted(self.carriers)) or 'none'}")
        return self.carriers[name]
