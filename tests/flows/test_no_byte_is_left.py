"""After an erasure and a rotation no byte of a database tells who somebody was; and the scanner does find what is kept without a vault."""

from __future__ import annotations

import json
import logging
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from shopwright import Address, CancelOrder, Order, RefundOrder, Shop, accepted, customer
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import MasterKeyMissing, ShopwrightError
from shopwright.flows import commands as c
from shopwright.flows.members import commands as m
from shopwright.flows.points.commands import GrantPoints, RedeemPoints
from shopwright.flows.vault.sealing import box
from shopwright.members.contacts import Channel
from shopwright.members.sealing import PersonalKey, Sealed
from shopwright.members.states import MemberState
from shopwright.ports.kinds import Kind
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Operation, Put, Query, Storage
from shopwright.pricing import disagreements, replay
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing import postgres
from shopwright.wire.kinds import KINDS
from tests.flows.bytes_kept import forms, where
from tests.flows.mall import ANN, CLERK, REVIEWED, WANTED, Mall, an_order, paid, placed, refused
from tests.flows.membering import of_ann, verifying
from tests.flows.stages import assert_legal
from tests.flows.vaulted import ROTATED, ROTATING, VAULT, rotated
from tests.surroundings import missing, peer

MARKERS = (
    "Zwölfquagmire",
    "Harborxylem 77",
    "Doorzephyr",
    "QZ9 8XK",
    "+49 40 7718293645",
    "7718293645",
    "zq.mire@nowhere-kelp.example",
    "Allergicto-ambergris",
)
NAME, STREET, DOOR, POSTCODE, PHONE, DIGITS, EMAIL, NOTE = MARKERS
HOME = Address(f"Ann {NAME}", (STREET, DOOR), "Hamburg", "HH", POSTCODE, "DE", PHONE)
BETTER = evolve(HOME, lines=(STREET, f"{DOOR}, second floor"))
ERASE = m.EraseMember(key="erase", by=CLERK, member_id="ann")


@frozen
class Card:
    """A profile as a host may keep one beside the shop: sealed with a vault, plain without."""

    id: str
    email: Sealed | None = None
    note: Sealed | None = None
    plain: str = ""


KEPT = KINDS.plus(Kind("card", Card))


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[Storage, Path]]:
    storage = SqliteStorage.open(folder / "mall.sqlite", kinds=KEPT, upgrade=True)
    yield storage, folder
    storage.close()


@contextmanager
def on_postgres(folder: Path) -> Iterator[tuple[Storage, Path]]:
    reason = postgres.missing()
    if reason is not None:
        missing(reason)
    peer("psycopg")
    from shopwright.adapters.postgres.storage import PostgresStorage

    with postgres.LocalPostgres(fsync=False, settings={"autovacuum": "off", "log_statement": "all"}) as server:
        storage = PostgresStorage.open(server.conninfo, kinds=KEPT, upgrade=True)
        yield storage, server.folder
        storage.close()


@pytest.fixture(params=[sqlite, on_postgres], ids=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Storage, Path]]:
    with request.param(tmp_path) as opened:
        yield opened


def joined(mall: Mall) -> None:
    """Ann becomes a member, and tells the shop about herself; her contacts are verified, changed and looked for."""
    desk = mall.shop.members
    profile = {"name": f"Ann {NAME}", "born": "1990-02-28", "note": NOTE}
    accepted(desk.register(m.RegisterMember(key="join", by=ANN, member_id="ann", email=EMAIL, phone=PHONE, profile=profile)))
    for contact in ("c1", "c2"):
        accepted(desk.verify(verifying(mall, key=f"verify-{contact}", contact=contact)))
    accepted(desk.put_address(of_ann(m.PutAddress, address=HOME)))
    accepted(desk.change_profile(of_ann(m.ChangeProfile, profile={"note": f"{NOTE}, {DOOR}"})))
    accepted(desk.adopt_guest(of_ann(m.AdoptGuest, guest_id="guest-7", by=CLERK)))
    assert accepted(desk.with_contact(Channel.EMAIL, EMAIL)).id == accepted(desk.with_contact(Channel.PHONE, PHONE)).id == "ann"
    assert EMAIL in json.dumps(accepted(desk.export("ann", by=ANN)))


def lived(mall: Mall) -> list[Order]:
    """Ann's life in a mall: orders corrected, shipped, tracked, refunded and canceled, and what she told about herself."""
    shop, vault = mall.shop, mall.shop.ports.vault
    told = {"email": EMAIL, "note": NOTE}
    if vault is None:
        puts: tuple[Put, ...] = (Put("ann", Card("ann", plain=json.dumps(told))),)
    else:
        theirs = box(shop.ports, "ann")
        puts = (Put("ann", Card("ann", **{name: theirs.seal(name, text) for name, text in told.items()})), *theirs.puts)
    mall.storage.commit(Changeset(Operation("card", "x"), mall.clock.now(), puts=puts))
    if vault is not None:
        joined(mall)
    points = {"by": CLERK, "account_id": "points/ann"}
    accepted(shop.points.grant(GrantPoints(key="grant", lot_id="welcome", points=500, **points)))
    accepted(shop.points.redeem(RedeemPoints(key="redeem", redemption_id="r1", points=120, **points)))
    shipped = paid(shop, evolve(an_order(key="o1"), ship_to=HOME))
    accepted(shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=shipped.id, note=f"which floor, {NAME}?")))
    accepted(shop.orders.correct(c.CorrectOrder(key="here", by=ANN, order_id=shipped.id, ship_to=BETTER)))
    accepted(shop.orders.confirm(c.ConfirmOrder(key="yes", by=CLERK, order_id=shipped.id)))
    shipped = accepted(shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=shipped.id, carrier="flat_rate", wanted=WANTED)))
    signed = TrackEvent(at=mall.clock.now(), status=TrackStatus.DELIVERED, raw_code="delivered", text=f"signed: {NAME}, {PHONE}")
    mall.desk.scan(shipped.shipments[0].tracking_numbers[0], signed)
    for raw in mall.desk.notifications():
        assert shop.shipping.receive("flat_rate", raw).status == 200
    mine = accepted(shop.orders.get(shipped.id))
    accepted(shop.payments.refund(RefundOrder(key="sorry", by=CLERK, order_id=mine.id, amount=mine.money(500), reason="late")))
    canceled = paid(shop, evolve(an_order(key="o2"), ship_to=HOME))
    accepted(shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=canceled.id, note=f"{NAME}: {NOTE}")))
    open_one = placed(shop, evolve(an_order(key="o3"), ship_to=HOME))
    return [accepted(shop.orders.get(order.id)) for order in (mine, canceled, open_one)]


def test_without_a_vault_the_scanner_finds_every_marker(place: tuple[Storage, Path]) -> None:
    storage, folder = place
    lived(Mall(storage, terms=REVIEWED))
    assert {text for text, _, _ in where(MARKERS, folder)} == set(MARKERS)


def test_after_an_erasure_and_a_rotation_no_byte_tells_who_it_was(
    place: tuple[Storage, Path], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    storage, folder = place
    mall = Mall(storage, terms=REVIEWED, ways={"vault": VAULT})
    before = lived(mall)
    assert where(MARKERS, folder) == set(), "sealed from the first moment on"
    bob = placed(mall.shop, evolve(an_order(key="bob"), buyer_id="bob", by=customer("bob")))

    points = accepted(mall.shop.points.account("points/ann"))
    assert accepted(mall.shop.members.erase(ERASE)).state is MemberState.ERASED
    assert rotated(mall).persons.rotate().keys == 1
    mall.ways = {"vault": ROTATED}
    shop = mall.reopened()

    assert where(MARKERS, folder) == set()
    shown = shown_of(shop, storage) + caplog.text + "".join(capsys.readouterr())
    assert [(text, name) for text in MARKERS for name, form in forms(text).items() if form in shown.encode()] == []
    assert [refused(shop.orders.address(order.id)) for order in before] == ["personal_data_erased"] * 3
    assert refused(shop.shipping.labels(before[0].id, "s1")) == "personal_data_erased"
    assert shop.orders.address(bob.id) == an_order().ship_to, "nobody else is erased"
    after = [accepted(shop.orders.get(order.id)) for order in before]
    assert after == before, "orders stand as they stood"
    assert accepted(shop.points.account("points/ann")) == points, "points stand as they stood"
    assert accepted(shop.points.balance("points/ann")).available == 380
    for order in after:
        assert_legal(mall, order)
        placing = shop.orders.history(order.id)[0].value
        assert disagreements(placing, replay(placing, at=placing.at)) == ()


def shown_of(shop: Shop, storage: Storage) -> str:
    """All that a shop shows of itself and of what it keeps: values, events, traces, refusals and errors."""
    values: list[Any] = [stored for kind in KEPT.documents for stored in storage.find(Query(kind.type, limit=500)).items]
    values += storage.read("events", after=BEGINNING, limit=500)
    for stream in ("persons", "members", "member_profiles"):
        values += storage.read(stream, after=BEGINNING, limit=500)
    values += [shop.members.get("ann"), shop.members.profile("ann", by=CLERK), shop.members.with_contact(Channel.EMAIL, EMAIL)]
    values += [m.RegisterMember(key="x", by=ANN, member_id="x", email=EMAIL, phone=PHONE, profile={"note": NOTE}), HOME]
    values += [shop, shop.ports]
    for order in storage.find(Query(Order)).items:
        values += [shop.orders.address(order.value.id), *shop.orders.history(order.value.id)]
    for wrong in ({"name": NAME * 20}, {"phone": PHONE * 9}, {"lines": (STREET * 40,)}, {"postcode": POSTCODE * 9}):
        try:
            evolve(HOME, **wrong)
        except ShopwrightError as error:
            values.append(error)
    return "\n".join(map(repr, values)) + "\n".join(map(str, values))


def test_a_dropped_key_may_lie_in_free_pages_and_opens_with_the_old_master_alone(place: tuple[Storage, Path]) -> None:
    storage, folder = place
    mall = Mall(storage, terms=REVIEWED, ways={"vault": VAULT})
    order = lived(mall)[0]
    (dropped,) = storage.find(Query(PersonalKey)).items
    accepted(mall.shop.members.erase(ERASE))
    assert where((b64encode(dropped.value.wrapped).decode(),), folder), "log, dead rows and free pages still hold it"
    rotated(mall).persons.rotate()

    sealed, name = order.ship_to.sealed, f"order.ship_to/{order.id}"
    assert sealed is not None
    assert NAME in ROTATING.open(dropped.value, name, sealed).decode(), "who still has the old master opens what a thief found"
    with pytest.raises(MasterKeyMissing):
        ROTATED.open(dropped.value, name, sealed)


def test_a_backup_from_before_the_erasure_opens_with_the_old_master_alone(tmp_path: Path) -> None:
    with sqlite(tmp_path) as (storage, _):
        mall = Mall(storage, terms=REVIEWED, ways={"vault": VAULT})
        order = lived(mall)[0]
        with closing(sqlite3.connect(tmp_path / "mall.sqlite")) as source, closing(sqlite3.connect(tmp_path / "backup.sqlite")) as backup:
            source.backup(backup)
        accepted(mall.shop.members.erase(ERASE))
        rotated(mall).persons.rotate()

    assert where(MARKERS, tmp_path) == set()
    restored = SqliteStorage.open(tmp_path / "backup.sqlite", kinds=KEPT)
    assert accepted(Shop(restored, vault=VAULT).orders.address(order.id)) == BETTER
    with pytest.raises(MasterKeyMissing):
        Shop(restored, vault=ROTATED).orders.address(order.id)
    restored.close()


@pytest.mark.parametrize("text", MARKERS)
def test_the_scanner_finds_a_text_in_every_form(text: str, tmp_path: Path) -> None:
    for number, (name, form) in enumerate(forms(text).items()):
        path = tmp_path / f"{number}.bin"
        path.write_bytes(b"\x00\xffzz" + form + b"\x00zz")
        assert name in {found for _, found, file in where((text,), path) if file == path.name}
    for shift in range(3):
        path = tmp_path / f"shifted{shift}.bin"
        path.write_bytes(b64encode(b"x" * shift + text.encode() + b"yy"))
        assert where((text,), path)
