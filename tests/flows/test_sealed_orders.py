"""Orders of a shop with a vault: who lives where is sealed wherever it is kept, and opened where it is needed."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import Address, Order, PlaceOrder, ShipOrder, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict, SealBroken, VaultMissing
from shopwright.flows import commands as c
from shopwright.members.sealing import PersonalKey, Sealed
from shopwright.orders.events import OrderCorrected, OrderPlaced
from shopwright.payments.errors import InvalidRequest
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Committed, Drop, Operation, Put, Query
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.clock import NOON
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS, ORDER, ShipmentLabels
from tests.flows.mall import ANN, CLERK, REVIEWED, WANTED, Mall, an_order, paid, placed, refused
from tests.flows.test_booking import Odd, opened
from tests.flows.troubles import Interrupted
from tests.flows.vaulted import OLD, ROTATED, ROTATING, VAULT, VAULTED

HOME = Address("Ann Quagmire", ("1 Harbor Street", "Door 12b"), "Hamburg", "HH", "20457", "DE", "+49 40 5551234")
PLACE = Address(name="", city="Hamburg", region="HH", country="DE", sealed=Sealed("1.k.x"))


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def to_home(key: str = "o1", **facts: Any) -> PlaceOrder:
    return evolve(an_order(key=key), ship_to=HOME, **facts)


def ship(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship {order.id}", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))


def everything_kept(mall: Mall) -> str:
    """All bodies in the store, as they would be written to a database, and as they show themselves."""
    codec, storage = Codec(KINDS), mall.storage
    values: list[Any] = [stored.value for kind in KINDS.documents for stored in storage.find(Query(kind.type, limit=500)).items]
    values += [recorded.value for recorded in storage.read("events", after=BEGINNING, limit=500)]
    return "\n".join([*(codec.dump(value) for value in values), *map(repr, values)])


def confirmed(mall: Mall, command: PlaceOrder) -> Order:
    order = placed(mall.shop, command)
    return accepted(mall.shop.payments.pay(c.PayOrder(key=f"pay {order.id}", by=CLERK, order_id=order.id)))


def forget(mall: Mall, subject: str = "ann") -> None:
    mall.storage.commit(Changeset(Operation(f"forget {subject}", "x"), NOON, drops=(Drop(PersonalKey, subject),)))


def test_what_is_personal_of_an_address_is_kept_sealed_and_the_place_stays_plain(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    assert evolve(order.ship_to, sealed=PLACE.sealed) == PLACE
    (event, *_) = mall.shop.orders.history(order.id)
    assert isinstance(event.value, OrderPlaced)
    assert event.value.ship_to == order.ship_to == accepted(mall.shop.orders.get(order.id)).ship_to
    kept = everything_kept(mall)
    assert [text for text in ("Quagmire", "Harbor", "12b", "20457", "5551234") if text in kept] == []
    assert "Hamburg" in kept


def test_who_may_see_an_order_sees_its_address_and_nobody_else(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    assert mall.shop.orders.address(order.id, by=ANN) == mall.shop.orders.address(order.id, by=CLERK) == HOME
    assert refused(mall.shop.orders.address(order.id, by=customer("bob"))) == "order_not_found"


def test_a_shop_without_a_vault_keeps_addresses_as_they_are() -> None:
    mall = Mall(MemoryStorage(KINDS))
    order = placed(mall.shop, to_home())
    assert (order.ship_to, mall.shop.orders.address(order.id, by=ANN)) == (HOME, HOME)
    assert mall.storage.find(Query(PersonalKey)).items == ()


def test_an_order_costs_one_more_read_with_a_vault_and_nothing_more_without_one() -> None:
    calls = {}
    for name, ways in (("with", VAULTED), ("without", {})):
        mall = Mall(MemoryStorage(KINDS), ways=ways)
        placed(mall.shop, to_home())
        mall.faults.heal()
        placed(mall.shop, to_home("o2"))
        calls[name] = [call for call in mall.faults.calls if call.startswith("MemoryStorage.")]
    assert [call for call in calls["with"] if call != "MemoryStorage.load"] == [call for call in calls["without"] if call != "MemoryStorage.load"]
    assert calls["with"].count("MemoryStorage.load") == calls["without"].count("MemoryStorage.load") + 1


def test_an_order_from_before_the_vault_goes_on_as_it_is() -> None:
    mall = Mall(MemoryStorage(KINDS))
    order = paid(mall.shop, to_home())
    mall.ways = VAULTED
    mall.reopened()
    assert mall.shop.orders.address(order.id) == HOME
    assert ship(mall, order).shipments[0].state == "booked"


def test_a_document_from_before_addresses_could_be_sealed_still_reads() -> None:
    codec, order = Codec(KINDS), placed(Mall(MemoryStorage(KINDS)).shop, to_home())
    body = codec.dump(order)
    assert "sealed" not in body
    assert codec.load(ORDER, 1, body) == order


def test_a_sealed_address_without_a_vault_is_told_and_not_guessed(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    with pytest.raises(VaultMissing):
        Shop(mall.storage).orders.address(order.id)


def test_a_sealed_address_cannot_be_ordered_to(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    with pytest.raises(InvalidValue, match="must be an address in full, got a sealed one; open it with"):
        evolve(an_order(key="again"), ship_to=order.ship_to)


def test_the_address_of_one_order_does_not_open_in_another(mall: Mall) -> None:
    first, second = placed(mall.shop, to_home()), placed(mall.shop, to_home("o2"))
    assert first.ship_to != second.ship_to
    moved = evolve(second, ship_to=first.ship_to)
    stored = mall.storage.load(Order, second.id)
    assert stored is not None
    mall.storage.commit(Changeset(Operation("move", "x"), NOON, puts=(Put(second.id, moved, stored.version),)))
    with pytest.raises(SealBroken, match="of ann does not open"):
        mall.shop.orders.address(second.id)


def test_a_correction_is_sealed_as_the_first_address_was() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=REVIEWED, ways=VAULTED)
    order = paid(mall.shop, to_home())
    accepted(mall.shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which door?")))
    better = evolve(HOME, lines=("9 Quay Corner",))
    after = accepted(mall.shop.orders.correct(c.CorrectOrder(key="here", by=ANN, order_id=order.id, ship_to=better)))
    assert mall.shop.orders.address(order.id) == better
    (event,) = [it.value for it in mall.shop.orders.history(order.id) if isinstance(it.value, OrderCorrected)]
    assert event.ship_to == after.ship_to
    assert "Quay" not in everything_kept(mall)


@pytest.mark.parametrize("ways", [VAULTED, {}], ids=["with a vault", "without one"])
def test_notes_are_sealed_and_read_by_staff_and_the_customer_reads_what_was_asked(ways: dict[str, Any]) -> None:
    mall = Mall(MemoryStorage(KINDS), terms=REVIEWED, ways=ways)
    order = paid(mall.shop, to_home())
    asked = "Ms Quagmire, which door?"
    holding = c.HoldOrder(key="h", by=CLERK, order_id=order.id, hold_id="h1", reason=c.HoldReason.OTHER)
    accepted(mall.shop.orders.hold(evolve(holding, note="Quagmire called")))
    accepted(mall.shop.orders.hold(evolve(holding, key="h2", hold_id="h2")))
    accepted(mall.shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=order.id, note=asked)))
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="no", by=CLERK, order_id=order.id, note="Quagmire changed her mind")))

    told = [("held", "Quagmire called"), ("sent_back", asked), ("canceled", "Quagmire changed her mind")]
    assert [(note.about, note.text) for note in accepted(mall.shop.orders.notes(order.id, by=CLERK))] == told
    assert [(note.about, note.text) for note in accepted(mall.shop.orders.notes(order.id, by=ANN))] == [("sent_back", asked)]
    assert ("Quagmire" in everything_kept(mall)) == (not ways)
    if ways:
        forget(mall)
        assert [note.text for note in accepted(mall.shop.orders.notes(order.id, by=CLERK))] == [None, None, None]


def test_a_carrier_is_told_the_address_and_its_label_is_sealed(mall: Mall) -> None:
    order = ship(mall, paid(mall.shop, to_home()))
    (booking,) = mall.desk.bookings()
    (label,) = accepted(mall.shop.shipping.labels(order.id, "s1", by=CLERK))
    assert (label,) == booking.labels
    assert b"Quagmire" in label.content
    kept = mall.storage.load(ShipmentLabels, f"{order.id}/s1")
    assert kept is not None
    assert kept.value.labels == ()
    assert "Quagmire" not in everything_kept(mall)


def test_a_shop_without_a_vault_hands_out_its_labels_too() -> None:
    mall = Mall(MemoryStorage(KINDS))
    order = paid(mall.shop)
    planned = accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    assert mall.shop.shipping.labels(order.id, planned.shipments[0].id) == ()
    other = ship(mall, paid(mall.shop, an_order(key="o2")))
    assert mall.shop.shipping.labels(other.id, "s1") == mall.desk.bookings()[0].labels


def test_what_a_carrier_says_is_kept_without_whom_it_was_told(mall: Mall) -> None:
    opened(mall, Odd(mall, book=InvalidRequest("no parcel for ANN QUAGMIRE, 1 Harbor Street: call +49 40 5551234")), **VAULTED)
    order = ship(mall, paid(mall.shop, to_home()))
    (note,) = order.exceptions
    assert dict(note.facts)["why"] == "no parcel for [sealed], [sealed]: call [sealed]"
    assert "5551234" not in everything_kept(mall)


def test_scans_are_kept_without_whom_they_name(mall: Mall) -> None:
    order = ship(mall, paid(mall.shop, to_home()))
    number = order.shipments[0].tracking_numbers[0]
    scan = TrackEvent(at=mall.clock.now(), status=TrackStatus.DELIVERED, raw_code="delivered", text="signed by Quagmire", place="Hamburg 20457")
    mall.desk.scan(number, scan)
    for raw in mall.desk.notifications():
        assert mall.shop.shipping.receive("flat_rate", raw).status == 200
    scans = accepted(mall.shop.orders.get(order.id)).shipments[0].scans
    assert [(it.text, it.place) for it in scans if it.status is TrackStatus.DELIVERED] == [("signed by [sealed]", "Hamburg [sealed]")]


def test_once_its_key_is_gone_an_order_stands_whole_and_its_address_is_gone(mall: Mall) -> None:
    order = ship(mall, paid(mall.shop, to_home()))
    forget(mall)
    assert accepted(mall.shop.orders.get(order.id)) == order
    assert refused(mall.shop.orders.address(order.id)) == "personal_data_erased"
    assert refused(mall.shop.shipping.labels(order.id, "s1")) == "personal_data_erased"
    scan = TrackEvent(at=mall.clock.now(), status=TrackStatus.DELIVERED, raw_code="delivered", text="signed by Quagmire")
    mall.desk.scan(order.shipments[0].tracking_numbers[0], scan)
    for raw in mall.desk.notifications():
        assert mall.shop.shipping.receive("flat_rate", raw).status == 200
    assert accepted(mall.shop.orders.get(order.id)).shipments[0].state == "delivered"
    assert "Quagmire" not in everything_kept(mall)


def test_no_carrier_is_asked_for_an_order_whose_address_is_gone(mall: Mall) -> None:
    order = paid(mall.shop, to_home())
    forget(mall)
    command = ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)
    assert refused(mall.shop.shipping.ship(command)) == "personal_data_erased"
    assert mall.desk.bookings() == ()


def test_an_address_that_goes_while_a_carrier_is_to_be_asked_is_noted_and_no_label_is_kept(mall: Mall) -> None:
    class Forgetting(Odd):
        """A carrier that is slow: meanwhile the buyer is erased."""

        def find_booking(self, key: Any) -> Any:
            forget(mall)
            return None

    opened(mall, Forgetting(mall), **VAULTED)
    order = ship(mall, paid(mall.shop, to_home()))
    assert [note.code for note in order.exceptions] == ["booking_failed"]
    assert mall.desk.bookings() == ()
    opened(mall, Odd(mall, book=lambda booking: forget(mall, "bob") or booking), **VAULTED)
    other = ship(mall, confirmed(mall, evolve(to_home("o2"), buyer_id="bob", by=customer("bob"))))
    assert other.shipments[0].state == "booked"
    assert mall.shop.shipping.labels(other.id, "s1") == ()


def test_two_first_orders_of_a_buyer_at_once_are_sealed_under_one_key() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage, ways=VAULTED)  # type: ignore[arg-type]  # it answers as a storage does
    storage.before_commit(1, lambda: placed(mall.shop, to_home("o2")))
    placed(mall.shop, to_home())
    assert [mall.shop.orders.address(order.id) for order in mall.orders()] == [HOME, HOME]
    assert len(mall.storage.find(Query(PersonalKey)).items) == 1


def test_a_command_is_known_by_a_keyed_hash_that_nobody_can_try_out(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    unkeyed = Codec(KINDS).fingerprint(to_home())
    with pytest.raises(KeyConflict):
        mall.storage.answered(Operation("o1/1", unkeyed))
    assert placed(mall.shop, to_home()).id == order.id
    with pytest.raises(KeyConflict):
        mall.shop.orders.place(evolve(to_home(), ship_to=evolve(HOME, phone="+49 40 5551235")))


def test_a_command_from_before_a_rotation_is_known_while_the_keyring_has_its_master(mall: Mall) -> None:
    order = placed(mall.shop, to_home())
    held = c.HoldOrder(key="hold", by=CLERK, order_id=order.id, hold_id="h1", reason=c.HoldReason.OTHER)
    accepted(mall.shop.orders.hold(held))
    during = Shop(mall.storage, gateways=mall.shop.ports.gateways.values(), vault=ROTATING, clock=mall.clock)
    assert accepted(during.orders.place(to_home())).id == order.id
    assert accepted(during.orders.hold(held)).event_count == order.event_count + 1
    with pytest.raises(KeyConflict):
        during.orders.hold(evolve(held, note="other"))
    after = Shop(mall.storage, gateways=mall.shop.ports.gateways.values(), vault=ROTATED, clock=mall.clock)
    with pytest.raises(KeyConflict):
        after.orders.hold(held)


def test_a_command_from_before_the_vault_is_known_and_so_is_a_step_of_the_shop_itself() -> None:
    mall = Mall(MemoryStorage(KINDS))
    order = ship(mall, paid(mall.shop, to_home()))
    mall.ways = {**mall.ways, **VAULTED}
    shop = mall.reopened()
    assert accepted(shop.orders.place(to_home())).id == order.id
    assert ship(mall, order).event_count == order.event_count
    with pytest.raises(KeyConflict):
        shop.orders.place(to_home(external_id="other"))
    step = Operation(f"labels/{mall.desk.bookings()[0].reference}", "labels")
    shop.ports.storage.commit(Changeset(step, NOON))
    for vault in (ROTATING, ROTATED):
        committed = Shop(mall.storage, vault=vault).ports.storage.commit(Changeset(step, NOON))
        assert isinstance(committed, Committed)
        assert committed.repeated


def test_the_master_stands_nowhere_in_a_shop(mall: Mall) -> None:
    placed(mall.shop, to_home())
    assert "oooo" not in repr((mall.shop, mall.shop.ports, VAULT, OLD)) + everything_kept(mall)


# What is charged.


def with_token(token: str = "tok_ok+capture_ok+refund_ok") -> PlaceOrder:
    return an_order(key="o1", token=token)


def test_the_source_of_a_tender_is_sealed_and_its_gateway_is_given_it_in_full(mall: Mall) -> None:
    order = confirmed(mall, with_token("tok_ok+refund_declined"))

    [tender] = [it.tender for it in order.payments]
    assert (order.paid, tender.source, tender.sealed_source.partition(".")[0]) == (4900, "", "1")
    assert "tok_ok" not in everything_kept(mall)
    mall.shop.payments.refund(c.RefundOrder(key="r", by=CLERK, order_id=order.id, amount=order.money(100), reason="late"))
    assert accepted(mall.shop.orders.get(order.id)).exceptions[0].code == "refund_failed", "the fake was given the whole token"


def test_a_tender_that_is_added_later_is_sealed_too(mall: Mall) -> None:
    order = confirmed(mall, with_token("tok_declined"))
    [tender] = an_order(token="tok_ok+capture_ok").tenders

    accepted(mall.shop.payments.add(c.AddPayment(key="other", by=ANN, order_id=order.id, tenders=(tender,))))
    again = accepted(mall.shop.payments.pay(c.PayOrder(key="again", by=ANN, order_id=order.id)))

    assert (again.paid, [it.tender.source for it in again.payments]) == (4900, ["", ""])
    assert "tok_" not in everything_kept(mall)


def test_what_is_sealed_cannot_be_given_by_a_buyer_nor_charged_once_it_was_erased(mall: Mall) -> None:
    order = placed(mall.shop, with_token())
    [tender] = [it.tender for it in order.payments]
    with pytest.raises(InvalidValue, match="got one with a sealed source"):
        evolve(with_token(), tenders=(tender,))
    with pytest.raises(InvalidValue, match="got one with a sealed source"):
        c.AddPayment(key="k", by=ANN, order_id=order.id, tenders=(tender,))
    with pytest.raises(InvalidValue, match="got both"):
        evolve(tender, source="tok_ok")

    forget(mall)
    unpaid = accepted(mall.shop.payments.pay(c.PayOrder(key="pay", by=ANN, order_id=order.id)))
    assert (unpaid.payments[0].state, unpaid.paid, mall.provider.charges()) == ("declined", 0, ())
