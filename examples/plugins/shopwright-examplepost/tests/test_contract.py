"""ExamplePost keeps the contract of a carrier, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

import pytest
from attrs import evolve
from shopwright.adapters.troubles import Trouble
from shopwright.payments.notifications import RawNotification
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import RateRequest
from shopwright.testing import CarrierContract, CarrierStage, FrozenClock

from shopwright_examplepost import ExamplePost, Settings
from shopwright_examplepost.messages import CODES, SIGNATURE
from shopwright_examplepost.simulator import Depot, ExamplePostServer, serving

_customers = count(1)


class Stage:
    """A customer of its own at a running ExamplePost."""

    signature_headers = (SIGNATURE,)
    codes = tuple((code, status) for code, (status, _blame) in CODES.items())

    def __init__(self, server: ExamplePostServer) -> None:
        number = next(_customers)
        self.clock = FrozenClock()
        self.settings = Settings(
            customer=f"shop_{number}",
            api_key=f"sk_depot_{number:012d}",
            signing_secret=f"pushes_depot_{number:012d}",
            host="127.0.0.1",
            port=server.server_address[1],
            encrypted=False,
        )
        self.depot = server.depots[self.settings.api_key] = Depot(self.settings, self.clock)
        self.secrets = (self.settings.api_key, self.settings.signing_secret)
        self._unplugged = False

    @property
    def carrier(self) -> ExamplePost:
        """The adapter; where the wire was cut, the next one that is asked for finds nobody listening."""
        if not self._unplugged:
            return ExamplePost(self.settings)
        self._unplugged = False
        return ExamplePost(evolve(self.settings, port=_closed_port()))

    def again(self) -> ExamplePost:
        return ExamplePost(self.settings)

    def request(self, *parcels: Parcel) -> RateRequest:
        sender = Party(name="Shop", lines=("Hauptstraße 1",), city="Köln", postcode="50667", country="DE")
        buyer = Party(name="凛", lines=("1-2-3",), city="東京", postcode="100-0001", country="JP")
        return RateRequest(origin=sender, destination=buyer, parcels=parcels, ship_at=self.clock.now())

    def strike(self, trouble: Trouble) -> None:
        if trouble is Trouble.NOT_SENT:
            self._unplugged = True
        else:
            self.depot.trouble = trouble

    def scan(self, number: str, code: str, *, at: datetime, place: str = "") -> None:
        self.depot.scan(number, code, at=at, place=place)

    def pushed(self) -> Sequence[RawNotification]:
        return self.depot.pushed()

    def booked(self) -> int:
        return len(self.depot.desk.bookings())


def _closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[ExamplePostServer]:
    with serving() as running:
        yield running


class TestExamplePost(CarrierContract):
    @pytest.fixture(autouse=True)
    def _provider(self, server: ExamplePostServer) -> None:
        self._server = server

    def make_carrier(self) -> CarrierStage:
        return Stage(self._server)
