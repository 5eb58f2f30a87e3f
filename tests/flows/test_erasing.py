"""A person is erased and the masters are rotated: nothing of theirs opens again, and everything else goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import KeyConflict, MasterKeyMissing, VersionConflict
from shopwright.flows.vault.commands import ErasePerson
from shopwright.flows.vault.erasing import Erased
from shopwright.flows.vault.rotating import PAGE, Rotated
from shopwright.flows.vault.sealing import kept_box
from shopwright.members.sealing import PERSONS, PersonalKey, PersonErased
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Query, Storage
from shopwright.testing.clock import NOON
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, paid, placed, refused
from tests.flows.test_sealed_orders import HOME, to_home
from tests.flows.troubles import Interrupted
from tests.flows.vaulted import ROTATED, ROTATING, TURNED_BACK, VAULT, VAULTED, rotated

ERASE = ErasePerson(key="erase", by=ANN, subject="ann")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "memory":
        opened: Any = MemoryStorage(KINDS)
    elif request.param == "sqlite":
        opened = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    yield opened
    opened.close()


def keys(storage: Storage) -> dict[str, str]:
    """Which master each key is wrapped under."""
    return {it.value.subject: it.value.master for it in storage.find(Query(PersonalKey, limit=1_000)).items}


def bought(mall: Mall, *buyers: str) -> None:
    for buyer in buyers:
        placed(mall.shop, evolve(to_home(f"of {buyer}"), buyer_id=buyer, by=customer(buyer), ship_to=evolve(HOME, name=f"{buyer} Quagmire")))


def test_an_erased_person_cannot_be_read_and_their_orders_stand_whole(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    order = paid(mall.shop, to_home())
    (key,) = storage.find(Query(PersonalKey)).items
    assert mall.shop.persons.erase(ERASE) == Erased("ann", key.value.id)
    assert refused(mall.shop.orders.address(order.id)) == "personal_data_erased"
    assert accepted(mall.shop.orders.get(order.id)) == order
    (told,) = storage.read(PERSONS, after=BEGINNING)
    assert told.value == PersonErased(subject="ann", key_id=key.value.id, by=ANN, at=mall.clock.now())


def test_to_erase_again_changes_nothing_and_answers_the_same(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    placed(mall.shop, to_home())
    first = mall.shop.persons.erase(ERASE)
    assert mall.shop.persons.erase(ERASE) == first
    assert mall.shop.persons.erase(evolve(ERASE, key="once more")) == Erased("ann")
    assert mall.shop.persons.erase(evolve(ERASE, key="nobody", by=CLERK, subject="nobody")) == Erased("nobody")
    assert len(storage.read(PERSONS, after=BEGINNING)) == 1
    with pytest.raises(KeyConflict):
        mall.shop.persons.erase(evolve(ERASE, by=CLERK))


def test_who_comes_again_gets_a_new_key_and_can_be_erased_again(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    first = placed(mall.shop, to_home())
    mall.shop.persons.erase(ERASE)
    second = placed(mall.shop, to_home("o2"))
    assert (refused(mall.shop.orders.address(first.id)), mall.shop.orders.address(second.id)) == ("personal_data_erased", HOME)
    erased = accepted(mall.shop.persons.erase(evolve(ERASE, key="again")))
    assert erased.key_id
    assert refused(mall.shop.orders.address(second.id)) == "personal_data_erased"
    assert len(storage.read(PERSONS, after=BEGINNING)) == 2


def test_nobody_else_is_erased_with_a_person(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    bought(mall, "ann", "bob")
    mall.shop.persons.erase(ERASE)
    assert [type(mall.shop.orders.address(order.id)).__name__ for order in mall.orders()] == ["Refusal", "Address"]


def test_an_erasure_needs_no_vault(storage: Storage) -> None:
    bought(Mall(storage, ways=VAULTED), "ann")
    assert accepted(Shop(storage).persons.erase(ERASE)).key_id
    assert keys(storage) == {}


def test_an_order_placed_while_its_buyer_is_erased_is_there_and_cannot_be_read() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage, ways=VAULTED)  # type: ignore[arg-type]  # it answers as a storage does
    placed(mall.shop, to_home())
    storage.before_commit(1, lambda: mall.shop.persons.erase(ERASE))
    late = placed(mall.shop, to_home("o2"))
    assert refused(mall.shop.orders.address(late.id)) == "personal_data_erased"


def test_after_a_rotation_every_key_is_under_the_current_master_and_the_old_one_is_needed_no_more(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    bought(mall, "ann", "bob", "cid")
    before = {it.value.subject: it.value for it in storage.find(Query(PersonalKey)).items}
    assert rotated(mall).persons.rotate() == Rotated(3, "2026")
    assert keys(storage) == dict.fromkeys(("ann", "bob", "cid"), "2026")
    mall.ways = {"vault": ROTATED}
    shop = mall.reopened()
    assert [accepted(shop.orders.address(order.id)).name for order in mall.orders()] == [f"{order.buyer_id} Quagmire" for order in mall.orders()]
    after = {it.value.subject: it.value for it in storage.find(Query(PersonalKey)).items}
    assert {it.subject: it.id for it in after.values()} == {it.subject: it.id for it in before.values()}
    assert shop.persons.rotate() == Rotated(0, "2026")


def test_a_key_that_was_dropped_opens_with_the_old_master_and_once_that_is_destroyed_never_again() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
    order = placed(mall.shop, to_home())
    (copy,) = mall.storage.find(Query(PersonalKey)).items  # as a backup has it, or a free page
    mall.shop.persons.erase(ERASE)
    rotated(mall).persons.rotate()
    assert order.ship_to.sealed is not None
    field = f"order.ship_to/{order.id}"
    assert b"Quagmire" in ROTATING.open(copy.value, field, order.ship_to.sealed)
    with pytest.raises(MasterKeyMissing):
        ROTATED.open(copy.value, field, order.ship_to.sealed)


def test_a_rotation_streams_page_by_page_tells_how_far_it_is_and_goes_on_where_it_was_cut_short() -> None:
    storage = MemoryStorage(KINDS)
    ports = Shop(storage, vault=VAULT).ports
    for number in range(2 * PAGE + 50):
        kept_box(ports, f"m{number}", at=NOON)
    told: list[tuple[str, int]] = []

    class Interrupt(Exception):
        """The process ends here."""

    def cut(what: str, done: int) -> None:
        raise Interrupt

    shop = Shop(storage, vault=ROTATING)
    with pytest.raises(Interrupt):
        shop.persons.rotate(progress=cut)
    assert shop.persons.rotate(progress=lambda what, done: told.append((what, done))) == Rotated(PAGE + 50, "2026")
    assert told == [("keys", PAGE), ("keys", PAGE + 50)]


def test_a_key_that_is_erased_while_it_is_rotated_stays_erased() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage, ways=VAULTED)  # type: ignore[arg-type]  # it answers as a storage does
    bought(mall, "ann", "bob")
    shop = rotated(mall)
    storage.before_commit(1, lambda: shop.persons.erase(ERASE))
    assert shop.persons.rotate() == Rotated(1, "2026")
    assert keys(storage) == {"bob": "2026"}  # type: ignore[arg-type]


def test_keys_that_somebody_keeps_taking_are_told_and_the_next_run_has_them() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage, ways=VAULTED)  # type: ignore[arg-type]  # it answers as a storage does
    bought(mall, "ann")
    shop = rotated(mall)

    def conflict() -> None:
        raise VersionConflict("somebody else was faster")

    storage.before_commit(1, conflict, every=True)
    with pytest.raises(VersionConflict):
        shop.persons.rotate()
    storage.before_commit(0, conflict)
    assert shop.persons.rotate() == Rotated(1, "2026")


def test_a_key_under_a_master_that_nobody_gives_is_told_and_nothing_is_lost(storage: Storage) -> None:
    mall = Mall(storage, ways=VAULTED)
    bought(mall, "ann")
    with pytest.raises(MasterKeyMissing, match="kept under master '2025' and the keyring has 2026"):
        Shop(storage, vault=ROTATED).persons.rotate()
    assert keys(storage) == {"ann": "2025"}


def test_a_shop_sells_and_erases_while_two_workers_rotate(tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    mall = Mall(storage, ways=VAULTED)
    ports, numbers, stop = Shop(storage, vault=VAULT).ports, count(), threading.Event()
    for number in range(300):
        kept_box(ports, f"m{number}", at=NOON)
    shop = rotated(mall)
    failures: list[BaseException] = []

    def work(act: Any) -> None:
        try:
            while not stop.is_set():
                act()
        except BaseException as error:  # told below, in the test's own thread
            failures.append(error)

    def sell() -> None:
        kept_box(shop.ports, f"new{next(numbers)}", at=NOON)

    def erase() -> None:
        number = next(numbers)
        accepted(shop.persons.erase(ErasePerson(key=f"e{number}", by=CLERK, subject=f"m{number % 300}")))

    threads = [threading.Thread(target=work, args=(act,)) for act in (sell, erase)]
    rotating = [threading.Thread(target=shop.persons.rotate) for _ in range(2)]
    for thread in (*threads, *rotating):
        thread.start()
    for thread in rotating:
        thread.join()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    shop.persons.rotate()
    left = keys(storage)
    assert set(left.values()) <= {"2026"}
    assert not {it.value.subject for it in storage.read(PERSONS, after=BEGINNING, limit=1_000)} & left.keys()
    storage.close()


def test_tenants_are_rotated_each_for_itself(storage: Storage) -> None:
    north, south = (Shop(storage.scoped(name), vault=VAULT) for name in ("north", "south"))
    for shop in (north, south):
        kept_box(shop.ports, "ann", at=NOON)
    assert Shop(storage.scoped("north"), vault=ROTATING).persons.rotate() == Rotated(1, "2026")
    assert (keys(storage.scoped("north")), keys(storage.scoped("south"))) == ({"ann": "2026"}, {"ann": "2025"})


def test_masters_rotate_back_and_forth() -> None:
    storage = MemoryStorage(KINDS)
    kept_box(Shop(storage, vault=VAULT).ports, "ann", at=NOON)
    Shop(storage, vault=ROTATING).persons.rotate()
    assert Shop(storage, vault=TURNED_BACK).persons.rotate() == Rotated(1, "2025")
    assert keys(storage) == {"ann": "2025"}


def test_a_put_of_a_key_that_was_dropped_meanwhile_is_stale() -> None:
    storage = MemoryStorage(KINDS)
    box = kept_box(Shop(storage, vault=VAULT).ports, "ann", at=NOON)
    storage.commit(Changeset(Operation("drop", "x"), NOON, drops=(Drop(PersonalKey, "ann"),)))
    with pytest.raises(VersionConflict):
        storage.commit(Changeset(Operation("put", "x"), NOON, puts=(Put("ann", box.key, 1),)))
