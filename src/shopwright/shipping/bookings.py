"""What was ordered from a carrier: a booking with one tracking number and one label per parcel.

A carrier may use a tracking number again after months, so a shipment is known by carrier, number and booking, never by the number alone.
"""

from __future__ import annotations

from attrs import field, frozen

from shopwright.edges import members, of, text, texts
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.shipping.rates import Rate

MAGIC = (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("zpl", b"^XA"), ("txt", b""))
"""How the bytes of a label begin, by format; a format that is not listed is not checked."""


@frozen(kw_only=True)
class Label:
    """What to stick on one parcel: a document of this format. The bytes are checked to begin as the format does."""

    format: str = field(validator=text(least=1))
    content: bytes = field(validator=of(bytes), repr=False)
    tracking_number: str = field(validator=text(least=1))

    def __attrs_post_init__(self) -> None:
        begins = dict(MAGIC).get(self.format, b"")
        if not self.content.startswith(begins):
            raise InvalidValue(f"a label in {self.format} begins with {begins!r}, got {self.content[: len(begins)]!r}")


@frozen(kw_only=True)
class Booking:
    """A transport that the carrier has accepted: its reference there, what it costs, and numbers and labels in parcel order."""

    reference: str = field(validator=text(least=1))
    tracking_numbers: tuple[str, ...] = field(validator=texts(least=1))
    labels: tuple[Label, ...] = field(validator=members(Label))
    cost: Money = field(validator=of(Money))
    rate: Rate = field(validator=of(Rate))

    def __attrs_post_init__(self) -> None:
        if not self.tracking_numbers or len(set(self.tracking_numbers)) < len(self.tracking_numbers):
            raise InvalidValue(f"a booking has one tracking number of its own per parcel, got {self.tracking_numbers}")
