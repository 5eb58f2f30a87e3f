"""The box of a person: one key each, made with the first thing that is sealed, whoever is at it at the same time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import frozen

from shopwright import Refusal, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue, VaultMissing, VersionConflict
from shopwright.flows.ports import Ports
from shopwright.flows.vault.sealing import box, boxes, kept_box
from shopwright.members.sealing import PersonalKey, Sealed
from shopwright.ports.kinds import Kind
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Query, Storage
from shopwright.testing.clock import NOON
from shopwright.wire.kinds import KINDS
from tests.flows.mall import an_order, stock
from tests.surroundings import peer

peer("cryptography")

from shopwright.adapters.vault import AesVault, Keyring, Master  # noqa: E402  # only where the extra is

VAULT = AesVault(Keyring([Master("2026", b"n" * 32)]))


@frozen
class Card:
    """Something personal of our own."""

    id: str
    email: Sealed


KEPT = KINDS.plus(Kind("card", Card))


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[Ports]:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KEPT, upgrade=True)
    yield Shop(storage, vault=VAULT).ports
    storage.close()


def keep(storage: Storage, person: str, text: str, ports: Ports) -> None:
    theirs = box(ports, person)
    card = Card(person, theirs.seal("email", text))
    storage.commit(Changeset(Operation(f"keep/{person}/{text}", "x"), NOON, puts=(Put(f"{person}/{text}", card), *theirs.puts)))


def test_a_key_is_written_with_the_first_thing_that_it_seals(ports: Ports) -> None:
    keep(ports.storage, "ann", "ann@example.com", ports)
    again, card = box(ports, "ann"), ports.storage.load(Card, "ann/ann@example.com")
    assert card is not None
    assert (again.puts, again.open("email", card.value.email)) == ((), "ann@example.com")


def test_of_two_who_make_a_key_at_once_one_begins_anew(ports: Ports) -> None:
    one, other = box(ports, "ann"), box(ports, "ann")
    ports.storage.commit(Changeset(Operation("one", "x"), NOON, puts=one.puts))
    with pytest.raises(VersionConflict):
        ports.storage.commit(Changeset(Operation("other", "x"), NOON, puts=other.puts))
    assert box(ports, "ann").key == one.key


def test_workers_that_register_one_person_at_once_seal_under_one_key(ports: Ports) -> None:
    ready, keys = threading.Barrier(4), []

    def work() -> None:
        ready.wait()
        keys.append(kept_box(ports, "ann", at=NOON).key)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = ports.storage.load(PersonalKey, "ann")
    assert stored is not None
    assert keys == [stored.value] * 4


def test_what_was_sealed_under_a_key_that_is_gone_is_refused_also_once_there_is_a_new_one(ports: Ports) -> None:
    keep(ports.storage, "ann", "ann@example.com", ports)
    card = ports.storage.load(Card, "ann/ann@example.com")
    assert card is not None
    ports.storage.commit(Changeset(Operation("drop", "x"), NOON, drops=(Drop(PersonalKey, "ann"),)))
    gone = Refusal("personal_data_erased", "what is asked of 'ann' was erased: its key is gone", {"subject": "ann"})
    assert box(ports, "ann").open("email", card.value.email) == gone
    keep(ports.storage, "ann", "new@example.com", ports)
    assert box(ports, "ann").open("email", card.value.email) == gone


def test_the_boxes_of_several_are_read_at_once(ports: Ports) -> None:
    keep(ports.storage, "ann", "x", ports)
    found = boxes(ports, ("ann", "bob"))
    assert found["ann"] == box(ports, "ann")
    assert [put.id for put in found["bob"].puts] == ["bob"]


def test_bytes_are_sealed_as_texts_are(ports: Ports) -> None:
    theirs = kept_box(ports, "ann", at=NOON)
    assert theirs.open_bytes("label", theirs.seal_bytes("label", b"\x00\xff")) == b"\x00\xff"


def test_a_box_shows_neither_key_nor_text(ports: Ports) -> None:
    theirs = box(ports, "ann")
    assert "wrapped" not in repr((theirs, theirs.seal("email", "ann@example.com")))


def test_a_key_is_found_by_its_master_alone_and_by_scope(ports: Ports) -> None:
    tenant = Shop(ports.storage.scoped("north"), vault=VAULT).ports
    kept_box(tenant, "ann", at=NOON)
    assert ports.storage.find(Query(PersonalKey)).items == ()
    assert [stored.value.subject for stored in tenant.storage.find(Query(PersonalKey)).items] == ["ann"]


def test_a_shop_without_a_vault_seals_nothing() -> None:
    with pytest.raises(VaultMissing, match="give it one: Shop"):
        box(Shop(MemoryStorage(KINDS)).ports, "ann")


@pytest.mark.parametrize("vault", ["secret", AesVault, object()])
def test_what_is_no_vault_is_refused_when_the_shop_is_opened(vault: object) -> None:
    with pytest.raises(InvalidValue, match="expected a vault with masters, seal, open"):
        Shop(MemoryStorage(KINDS), vault=vault)


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_inside_a_hosts_transaction_a_key_is_the_hosts_to_keep(tmp_path: Path, ends: str) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KEPT, upgrade=True)
    with closing(sqlite3.connect(tmp_path / "mall.sqlite", isolation_level=None)) as connection:
        stock(Shop(storage))
        connection.execute("begin immediate")
        inside = Shop(storage.joined(connection), gateways=[FakeGateway()], vault=VAULT)
        order = accepted(inside.orders.place(an_order()))
        assert accepted(inside.orders.address(order.id)) == an_order().ship_to
        connection.execute(ends)
    assert len(storage.find(Query(PersonalKey)).items) == (ends == "commit")
    if ends == "commit":
        assert accepted(Shop(storage, vault=VAULT).orders.address(order.id)) == an_order().ship_to
    storage.close()
