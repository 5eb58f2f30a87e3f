"""Fulfillment: what is planned, handed over and tracked, and where each unit is meanwhile."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.members.actors import SYSTEM
from shopwright.orders import Decision, Order
from shopwright.orders.fulfilling import ASTRAY, BookingWanted
from shopwright.orders.lines import Buckets
from shopwright.payments.events import PaymentVoided
from shopwright.refusals import Refusal
from shopwright.shipping import events as s
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.builders import NOON, a_tender, an_order, canceled, delivered, paid, planned, shipped, sold

T = TrackStatus
WANTED = BookingWanted(
    origin=Party(name="Mall", lines=(), city="Bremen", country="DE"), parcels=(Parcel(weight_g=500, length_mm=1, width_mm=1, height_mm=1),)
)
BOOKED = s.ShipmentBooked(shipment_id="s1", reference="b1", tracking_numbers=("t1",), cost=350, currency="EUR", at=NOON)


def scans(*statuses: TrackStatus) -> tuple[TrackEvent, ...]:
    """One scan an hour."""
    return tuple(TrackEvent(at=NOON + timedelta(hours=n), status=status, event_id=f"{n}") for n, status in enumerate(statuses, 1))


def buckets(order: Order) -> list[Buckets]:
    return [line.buckets for line in order.lines]


def test_an_order_is_split_over_shipments() -> None:
    order = planned(planned(paid(an_order()), units=((1, 1),)))

    assert [(it.id, it.units) for it in order.shipments] == [("s1", ((1, 1),)), ("s2", ((1, 1), (2, 1)))]
    assert buckets(order) == [Buckets(allocated=2), Buckets(allocated=1)]


def test_units_are_followed_to_the_door_and_back() -> None:
    """ORDER-1"""
    order = paid(an_order())
    places = [buckets(order)[0]]
    for verb in ("plan", "dispatch", "deliver", "take_back"):
        order = planned(order) if verb == "plan" else getattr(orders, verb)(order, "s1", at=NOON).order
        places.append(buckets(order)[0])

    assert places == [Buckets(open=2), Buckets(allocated=2), Buckets(shipped=2), Buckets(delivered=2), Buckets(returned=2)]


def test_a_lost_shipment_may_turn_up_after_all() -> None:
    order = orders.lose(shipped(paid(an_order())), "s1", at=NOON).order

    assert (order.owed, buckets(order)[1]) == (0, Buckets(lost=1))
    found = orders.deliver(order, "s1", at=NOON).order
    assert (found.owed, buckets(found)[1]) == (4500, Buckets(delivered=1))


def test_a_shipment_that_has_not_left_is_taken_apart_and_its_units_are_shipped_anew() -> None:
    order = orders.unplan(planned(paid(an_order())), "s1", at=NOON).order

    assert (buckets(order)[0], order.shipments[0].state) == (Buckets(open=2), "canceled")
    assert planned(order).shipments[1].units == ((1, 2), (2, 1))


@pytest.mark.parametrize(
    ("units", "facts"),
    [
        (((1, 3),), {"line_no": 1, "wanted": 3, "open": 2}),
        (((9, 1),), {"line_no": 9, "wanted": 1, "open": 0}),
    ],
)
def test_units_that_are_not_open_cannot_be_planned(units: tuple[tuple[int, int], ...], facts: dict[str, int]) -> None:
    outcome = orders.plan_shipment(paid(an_order()), units=units, at=NOON)

    assert outcome == Refusal("units_not_open", f"line {facts['line_no']} has {facts['open']} open units", facts)


def test_nothing_is_planned_once_everything_is() -> None:
    order = planned(paid(an_order()))

    assert orders.plan_shipment(order, at=NOON) == Refusal(
        "units_not_open", f"order {order.number} has no open units", {"line_no": 0, "wanted": 0, "open": 0}
    )


@pytest.mark.parametrize(
    ("units", "message"),
    [
        (((1, 1), (1, 1)), "a line may be named once in a shipment; got ((1, 1), (1, 1))"),
        (((1, 0),), "a shipped quantity is 1 or more; got 0 of line 1"),
        (((1, True),), "a shipped quantity is 1 or more; got True of line 1"),
    ],
)
def test_units_that_nobody_can_mean_are_misuse(units: tuple[tuple[int, int], ...], message: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        orders.plan_shipment(paid(an_order()), units=units, at=NOON)
    assert str(raised.value) == message


def test_an_order_whose_promise_has_lapsed_ships_nothing() -> None:
    order = paid(an_order(tenders=(a_tender(4500, capture=False),)))
    lapsed = orders.evolve(order, PaymentVoided(payment_id="p1", key="", amount=4500, at=NOON))

    assert orders.plan_shipment(lapsed, at=NOON).code == "order_unpaid"


@pytest.mark.parametrize("verb", ["dispatch", "deliver", "lose", "take_back", "unplan", "track", "attempt_booking"])
def test_a_shipment_that_the_order_does_not_have_is_refused(verb: str) -> None:
    order = planned(paid(an_order()))
    act = {
        "track": lambda: orders.track(order, "s9", (), at=NOON),
        "attempt_booking": lambda: orders.attempt_booking(order, "s9", WANTED, key="k", at=NOON),
    }.get(verb, lambda: getattr(orders, verb)(order, "s9", at=NOON))

    assert act() == Refusal("shipment_unknown", f"order {order.number} has no shipment 's9'", {"shipment": "s9"})


@pytest.mark.parametrize(
    ("verb", "said", "prepare", "message"),
    [
        ("dispatch", "dispatch", shipped, "in_transit; allowed: deliver, lose, take back, trouble, turn back"),
        ("deliver", "deliver", planned, "planned; allowed: book, cancel, dispatch"),
        ("lose", "lose", delivered, "delivered; allowed: take back, turn back"),
        ("take_back", "take back", planned, "planned; allowed: book, cancel, dispatch"),
        ("unplan", "cancel", shipped, "in_transit; allowed: deliver, lose, take back, trouble, turn back"),
    ],
)
def test_a_verb_that_the_state_of_a_shipment_does_not_list_is_misuse(verb: str, said: str, prepare: object, message: str) -> None:
    order = prepare(paid(an_order()))
    with pytest.raises(IllegalTransition) as raised:
        getattr(orders, verb)(order, "s1", at=NOON)
    assert str(raised.value) == f"cannot {said} a shipment that is {message}"


def test_a_booking_is_stored_with_all_that_is_needed_to_ask_again() -> None:
    order = planned(paid(an_order()))
    decision = orders.attempt_booking(order, "s1", WANTED, key="k1", at=NOON)

    assert decision.events == (
        s.BookingAttempted(shipment_id="s1", key="k1", origin=WANTED.origin, parcels=WANTED.parcels, label_format="pdf", at=NOON),
    )
    assert (decision.order.shipments[0].booking_key, decision.order.attempts) == ("k1", order.attempts + 1)


def test_a_booking_whose_end_is_not_known_is_not_asked_for_again() -> None:
    """PAY-2 holds for carriers too."""
    order = orders.attempt_booking(planned(paid(an_order())), "s1", WANTED, key="k1", at=NOON).order

    assert orders.attempt_booking(order, "s1", WANTED, key="k2", at=NOON) == Refusal(
        "booking_open", "shipment s1 waits for its carrier's answer", {"shipment": "s1"}
    )
    failed = orders.evolve(order, s.BookingFailed(shipment_id="s1", key="k1", why="no rate", at=NOON))
    assert isinstance(orders.attempt_booking(failed, "s1", WANTED, key="k2", at=NOON), Decision)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (T.LABEL_CREATED, "planned"),
        (T.UNKNOWN, "planned"),
        (T.PICKED_UP, "in_transit"),
        (T.IN_TRANSIT, "in_transit"),
        (T.OUT_FOR_DELIVERY, "in_transit"),
        (T.CUSTOMS, "in_transit"),
        (T.READY_FOR_COLLECTION, "in_transit"),
        (T.ATTEMPT_FAILED, "troubled"),
        (T.EXCEPTION, "troubled"),
        (T.DELIVERED, "delivered"),
        (T.RETURNING, "returning"),
        (T.RETURNED, "returned"),
        (T.LOST, "lost"),
        (T.CANCELED, "planned"),
    ],
)
def test_a_scan_moves_a_shipment_as_far_as_it_tells_also_when_nobody_said_that_it_has_left(status: TrackStatus, state: str) -> None:
    decision = orders.track(planned(paid(an_order())), "s1", scans(status), at=NOON)

    assert decision.order.shipments[0].state == state
    assert (decision.order.shipments[0].dispatched_at is None) == (state == "planned")


def test_scans_that_are_known_change_nothing() -> None:
    order = orders.track(shipped(paid(an_order())), "s1", scans(T.DELIVERED), at=NOON).order

    assert orders.track(order, "s1", scans(T.DELIVERED) * 2, at=NOON) == Decision(order)


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ((T.PICKED_UP, T.ATTEMPT_FAILED, T.OUT_FOR_DELIVERY, T.DELIVERED), "delivered"),
        ((T.PICKED_UP, T.ATTEMPT_FAILED, T.RETURNING, T.RETURNED), "returned"),
        ((T.IN_TRANSIT, T.LOST, T.DELIVERED), "delivered"),
        ((T.IN_TRANSIT, T.RETURNING, T.LOST), "lost"),
        ((T.DELIVERED, T.RETURNING, T.RETURNED), "returned"),
    ],
)
def test_scans_lead_to_the_same_end_in_whatever_order_they_come(story: tuple[TrackStatus, ...], state: str) -> None:
    ends = set()
    for turn in permutations(scans(*story)):
        order = planned(paid(an_order()))
        for scan in turn:
            order = orders.track(order, "s1", (scan,), at=NOON).order
        ends.add((order.shipments[0].state, tuple(scan.status for scan in order.shipments[0].scans)))

    assert ends == {(state, story)}


def test_a_delivery_happened_when_the_carrier_says_it_did() -> None:
    order = orders.track(shipped(paid(an_order())), "s1", scans(T.IN_TRANSIT, T.DELIVERED), at=NOON + timedelta(days=9)).order

    assert (order.shipments[0].delivered_at, order.delivered_at) == (NOON + timedelta(hours=2),) * 2


def test_a_held_order_takes_in_that_a_carrier_moves_it_all_the_same() -> None:
    """ORDER-14"""
    hold = orders.Hold(id="h", reason=orders.HoldReason.PAYMENT_RISK, by=SYSTEM, at=NOON)
    order = orders.hold(planned(paid(an_order())), hold, at=NOON).order

    assert orders.track(order, "s1", scans(T.PICKED_UP), at=NOON).order.shipments[0].state == "in_transit"


def test_a_canceled_shipment_that_travels_is_noted_once() -> None:
    order = canceled(orders.evolve(planned(paid(an_order())), BOOKED))
    after = orders.track(order, "s1", scans(T.PICKED_UP, T.DELIVERED), at=NOON).order
    again = orders.track(after, "s1", (TrackEvent(at=NOON, status=T.RETURNED, event_id="late"),), at=NOON).order

    facts = (("shipment", "s1"), ("status", "picked_up"))
    assert [(it.code, it.facts) for it in again.exceptions] == [(ASTRAY, facts)]
    assert again.shipments[0].state == "canceled"


def test_what_is_wanted_of_a_carrier_names_at_least_one_parcel() -> None:
    with pytest.raises(InvalidValue, match=r"BookingWanted\.parcels must have at least 1 members"):
        BookingWanted(origin=WANTED.origin, parcels=())


def test_goods_that_do_not_travel_are_in_no_shipment() -> None:
    """ORDER-13"""
    order = planned(paid(an_order(sold("TEA"), sold("SONG", ships=False))))

    assert order.shipments[0].units == ((1, 1),)
