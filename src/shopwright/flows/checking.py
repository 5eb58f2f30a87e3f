"""What a flow may be called with: a command of its own kind, and a time that knows its zone. Checked before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Protocol, TypeVar, cast

from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.free_texts import card_given
from shopwright.flows.ports import Ports
from shopwright.orders.terms import CaptureWhen
from shopwright.payments.errors import Unsupported
from shopwright.payments.notifications import RawNotification
from shopwright.payments.payment import Tender, Via
from shopwright.periods import aware

C = TypeVar("C", bound=Command)
C_contra = TypeVar("C_contra", bound=Command, contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

FIRST_YEAR, LAST_YEAR = 1_900, 9_000
"""Times before or after would leave no room for what a shop takes off or adds; nobody has sold anything then."""


class Flow(Protocol[C_contra, R_co]):
    """What does a command through the ports of a shop."""

    def __call__(self, ports: Ports, command: C_contra, *, at: datetime) -> R_co:
        """Do it."""
        ...


def takes(kind: type[C]) -> Callable[[Flow[C, R]], Flow[C, R]]:
    """A flow that takes commands of this kind alone; any other, and a time without a zone, raises `InvalidValue` and touches nothing. What people
    type into one is refused with `card_number_given` where it holds the number of a card (CARD-4).
    """

    def checked(flow: Flow[C, R]) -> Flow[C, R]:
        @wraps(flow)
        def run(ports: Ports, command: C, *, at: datetime) -> R:
            if not isinstance(command, kind):
                raise InvalidValue(f"expected a {kind.__name__}, got {type(command).__name__}")
            at = moment(at)
            if (no := card_given(command)) is not None:
                return cast("R", no)  # a flow whose command has a free text answers with refusals, which a test holds
            return flow(ports, command, at=at)

        return run

    return checked


def moment(at: datetime) -> datetime:
    """The same time; raises `InvalidValue` when it has no zone, or is not within the years 1900 to 9000."""
    if not FIRST_YEAR <= aware(at).year <= LAST_YEAR:
        raise InvalidValue(f"at must be within the years {FIRST_YEAR} to {LAST_YEAR}, got {at!r}")
    return at


def check_gateways(ports: Ports, tenders: tuple[Tender, ...], currency: str = "") -> None:
    """Raises `InvalidValue` for the first gateway that the shop does not have, that cannot take a tender in this currency or in so many
    installments, or cannot take a promise in the parts that the terms ask for: nobody could ever be asked for that money. What points pay in is told
    by their program, as a refusal.
    """
    points = None if ports.loyalty is None or ports.loyalty.tender is None else ports.loyalty.tender.gateway
    for tender in tenders:
        if tender.via is not Via.GATEWAY:
            continue
        able = ports.gateway(tender.gateway).capabilities
        if not tender.capture and ports.terms.capture is CaptureWhen.AS_DISPATCHED and not able.multi_capture:
            raise InvalidValue(f"{tender.gateway} takes a promise once, and the terms as goods are dispatched; use on_dispatch, or capture at once")
        if currency and tender.gateway != points:
            try:
                able.demand_tender(currency, installments=tender.installments, saves=tender.save or bool(tender.saved) or tender.absent)
            except Unsupported as error:
                raise InvalidValue(f"tender {tender.method} cannot go to {tender.gateway}: {error}") from error


def steps_of(ports: Ports, tenders: tuple[Tender, ...], currency: str) -> tuple[tuple[str, int], ...]:
    """The gateways of these tenders that move money in multiples of more than one minor unit, with what they move."""
    found: dict[str, int] = {}
    for tender in tenders:
        if tender.via is Via.GATEWAY:
            able = ports.gateway(tender.gateway).capabilities
            if able.amount_step and able.step(currency) > 1:
                found[tender.gateway] = able.step(currency)
    return tuple(found.items())


def raw_notification(raw: RawNotification) -> RawNotification:
    """The same notification; raises `InvalidValue` for anything else, which no adapter could read."""
    if not isinstance(raw, RawNotification):
        raise InvalidValue(f"expected a RawNotification with all headers and the untouched body, got {type(raw).__name__}")
    return raw
