"""The carrier's side: what was booked and scanned, shared by every carrier object that talks to it.

It outlives a crash of the shop; with `path` it lives in a file that the processes of a test share. `scan` is the driver with the
scanner, `notifications` is what the carrier pushes, `script` makes the next requests go wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TypeVar

from attrs import evolve, frozen

from shopwright.adapters import troubles
from shopwright.adapters.flat_rate import messages
from shopwright.adapters.flat_rate.settings import FlatRateSettings
from shopwright.adapters.rows import Draft, FileRows, MemoryRows, Rows
from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.errors import GatewayKeyConflict, InvalidState, NotFound
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.rates import Charge, Rate, RateRequest
from shopwright.shipping.tracking import Blame, Track, TrackEvent, TrackStatus, history

T = TypeVar("T")

UNMOVED = frozenset({TrackStatus.UNKNOWN, TrackStatus.LABEL_CREATED, TrackStatus.CANCELED})

ANY = "any"
"""The next request, whatever its phase."""


@frozen(kw_only=True)
class Booked:
    """A booking as the carrier keeps it."""

    key: str
    reference: str
    parameters: str
    numbers: tuple[str, ...]
    label_format: str
    labels: tuple[str, ...]
    rate_ref: str
    carrier: str
    service: str
    cost: int
    currency: str
    billed_weight_g: int
    min_days: int | None
    max_days: int | None
    valid_until_at: datetime | None
    void_key: str = ""


@frozen(kw_only=True)
class Parcelled:
    """A parcel on its way: which booking it is of, and the numbers of its scans."""

    number: str
    reference: str
    scans: tuple[int, ...] = ()


@frozen(kw_only=True)
class Scanned:
    """A scan as the carrier keeps it."""

    count: int
    number: str
    scanned_at: datetime
    code: str
    text: str
    place: str
    blame: str


@frozen
class Words:
    """The troubles that a test has scripted, or how far notifications were delivered."""

    words: tuple[str, ...]


TYPES = {"bookings": Booked, "references": Words, "parcels": Parcelled, "scans": Scanned, "words": Words}


class CarrierDesk:
    """The carrier's truth. Safe to share between threads and, with `path`, between processes (one object in each)."""

    def __init__(self, *, clock: Clock, path: Path | None = None, settings: FlatRateSettings | None = None) -> None:
        self.clock = clock
        self.settings = settings or FlatRateSettings()
        self._rows: Rows = MemoryRows() if path is None else FileRows(path, TYPES)

    def handle(self, phase: str, work: Callable[[Draft, datetime], T]) -> T:
        """Serve a request at the present moment, with the trouble that was scripted for it."""
        at = self.clock.now()
        with self._rows.writing() as draft:
            trouble = _next_trouble(draft, phase) or _next_trouble(draft, ANY)
        troubles.before(trouble)
        with self._rows.writing() as draft:
            answer = work(draft, at)
        troubles.after(trouble)
        return answer

    def script(self, phase: str, *words: str) -> None:
        """Make the next requests of a phase (quote, book, find, void, track) end so, one `Trouble` each."""
        names = tuple(Trouble(word).value for word in words)
        with self._rows.writing() as draft:
            draft.put("words", phase, Words((*_words(draft, phase), *names)))

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble, whatever it asks for."""
        with self._rows.writing() as draft:
            draft.put("words", ANY, Words((*_words(draft, ANY), Trouble(trouble).value)))

    def scan(self, number: str, *scans: TrackEvent) -> None:
        """Scan a parcel; raises `NotFound` for a number that was never given out."""
        with self._rows.writing() as draft:
            for each in scans:
                _scan(draft, number, each)

    def notifications(self, *, duplicate: int = 1, shuffle: Random | None = None, again: bool = False) -> list[RawNotification]:
        """What the carrier pushes now: scans not delivered yet (`again`: all of them), each so many times, in this disorder."""
        at = self.clock.now()
        with self._rows.writing() as draft:
            known = draft.count("scans")
            delivered = 0 if again else int((_words(draft, "delivered") or ("0",))[0])
            draft.put("words", "delivered", Words((str(known),)))
            scans = [found for count in range(delivered + 1, known + 1) if (found := draft.get("scans", str(count), Scanned)) is not None]
        pushed = [messages.pushed(scan.number, event(scan), self.settings, at=at) for scan in scans for _ in range(duplicate)]
        if shuffle is not None:
            shuffle.shuffle(pushed)
        return pushed

    def bookings(self) -> tuple[Booking, ...]:
        """Everything that was booked and is not void."""
        with self._rows.writing() as draft:
            return tuple(booking(row) for row in draft.all("bookings", Booked) if not row.void_key)


def book(draft: Draft, key: str, request: RateRequest, rate: Rate, *, seal: str, label_format: str, at: datetime) -> Booking:
    """Give out numbers and labels, once per key; raises `GatewayKeyConflict` for another `seal` of the request, rate or format."""
    terms = f"{seal} at {rate.rate_ref} for {rate.total}, labels in {label_format}"
    known = draft.get("bookings", key, Booked)
    if known is not None and known.parameters != terms:
        raise GatewayKeyConflict(f"the key {key} was used to book {known.parameters}, got {terms}", raw_code="key_reused")
    if known is not None:
        return booking(known)
    numbers = tuple(messages.tracking_number(key, place) for place in range(len(request.parcels)))
    row = Booked(
        key=key,
        reference=messages.booking_reference(key),
        parameters=terms,
        numbers=numbers,
        label_format=label_format,
        labels=tuple(messages.label(label_format, number, request.destination).content.decode() for number in numbers),
        rate_ref=rate.rate_ref,
        carrier=rate.carrier,
        service=rate.service,
        cost=rate.total.minor,
        currency=rate.total.currency,
        billed_weight_g=rate.billed_weight_g,
        min_days=rate.min_days,
        max_days=rate.max_days,
        valid_until_at=rate.valid_until,
    )
    draft.put("bookings", key, row)
    draft.put("references", row.reference, Words((key,)))
    for number in numbers:
        draft.put("parcels", number, Parcelled(number=number, reference=row.reference))
        _scan(draft, number, TrackEvent(at=at, status=TrackStatus.LABEL_CREATED, raw_code="label_created", text="label created"))
    return booking(row)


def void(draft: Draft, key: str, reference: str, *, at: datetime) -> bool:
    """Cancel a booking; raises `NotFound`, `InvalidState` once a parcel has moved, `GatewayKeyConflict`."""
    used = draft.get("words", f"void:{key}", Words)
    if used is not None and used.words != (reference,):
        raise GatewayKeyConflict(f"the key {key} was used to void {used.words[0]}, got {reference}", raw_code="key_reused")
    found = draft.get("references", reference, Words)
    row = None if found is None else draft.get("bookings", found.words[0], Booked)
    if row is None:
        raise NotFound(f"there is no booking {reference!r}", raw_code="no_such_booking")
    if row.void_key:
        return True
    for number in row.numbers:
        if any(scan.status not in UNMOVED for scan in track(draft, number).events):
            raise InvalidState(f"{reference} cannot be voided: {number} was picked up", raw_code="picked_up")
    for number in row.numbers:
        _scan(draft, number, TrackEvent(at=at, status=TrackStatus.CANCELED, raw_code="canceled", text="booking canceled"))
    draft.put("bookings", row.key, evolve(row, void_key=key))
    draft.put("words", f"void:{key}", Words((reference,)))
    return True


def track(draft: Draft, number: str) -> Track:
    """The history of a number; raises `NotFound`."""
    parcel = draft.get("parcels", number, Parcelled)
    if parcel is None:
        raise NotFound(f"no parcel has the number {number!r}", raw_code="no_such_number")
    rows = [draft.get("scans", str(count), Scanned) for count in parcel.scans]
    return Track(number=number, events=history(tuple(event(row) for row in rows if row is not None)))


def event(row: Scanned) -> TrackEvent:
    """A scan as the shop sees it."""
    blame = Blame(row.blame) if row.blame else None
    return TrackEvent(
        at=row.scanned_at,
        status=messages.status(row.code),
        raw_code=row.code,
        text=row.text,
        place=row.place,
        blame=blame,
        event_id=f"scan_{row.count}",
    )


def booking(row: Booked) -> Booking:
    """A booking as the shop sees it."""
    cost = Money(row.cost, row.currency)
    rate = Rate(
        rate_ref=row.rate_ref,
        carrier=row.carrier,
        service=row.service,
        total=cost,
        charges=(Charge("base", cost),),
        billed_weight_g=row.billed_weight_g,
        min_days=row.min_days,
        max_days=row.max_days,
        valid_until=row.valid_until_at,
    )
    texts = zip(row.labels, row.numbers, strict=True)
    labels = tuple(Label(format=row.label_format, content=text.encode(), tracking_number=number) for text, number in texts)
    return Booking(reference=row.reference, tracking_numbers=row.numbers, labels=labels, cost=cost, rate=rate)


def _scan(draft: Draft, number: str, scan: TrackEvent) -> None:
    parcel = draft.get("parcels", number, Parcelled)
    if parcel is None:
        raise NotFound(f"no parcel has the number {number!r}", raw_code="no_such_number")
    count = draft.count("scans") + 1
    row = Scanned(
        count=count,
        number=number,
        scanned_at=scan.at,
        code=scan.raw_code or scan.status.value,
        text=scan.text,
        place=scan.place,
        blame="" if scan.blame is None else scan.blame.value,
    )
    draft.put("scans", str(count), row)
    draft.put("parcels", number, evolve(parcel, scans=(*parcel.scans, count)))


def _words(draft: Draft, name: str) -> tuple[str, ...]:
    found = draft.get("words", name, Words)
    return () if found is None else found.words


def _next_trouble(draft: Draft, phase: str) -> Trouble | None:
    words = _words(draft, phase)
    if not words:
        return None
    draft.put("words", phase, Words(words[1:]))
    return Trouble(words[0])
