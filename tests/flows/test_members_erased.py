"""A member is erased: under every id of theirs, with the hashes they were found by; and after a rotation members are found by new hashes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.members import commands as m
from shopwright.flows.members.rehashing import Rehashed
from shopwright.flows.vault.commands import ErasePerson
from shopwright.flows.vault.rotating import Rotated
from shopwright.members.codes import OneTimeCode
from shopwright.members.contacts import Channel, ContactClaim
from shopwright.members.events import MemberErased
from shopwright.members.member import Member
from shopwright.members.sealing import PERSONS, PersonalKey, PersonErased
from shopwright.members.states import MemberState
from shopwright.ports.storage import Query, Storage
from shopwright.wire.kinds import KINDS
from shopwright.wire.member_kinds import MEMBERS
from tests.flows.mall import ANN, CLERK, Mall, an_order, placed, refused
from tests.flows.membering import EMAIL, PHONE, merging, of_ann, registered, registering, two_records, verified, verifying
from tests.flows.troubles import Interrupted
from tests.flows.vaulted import NEW, ROTATED, VAULTED, rotated

ERASE = of_ann(m.EraseMember)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mall]:
    if request.param == "memory":
        storage: Any = MemoryStorage(KINDS)
    elif request.param == "sqlite":
        storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage

        storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    yield Mall(storage, ways=VAULTED)
    storage.close()


def merged(mall: Mall) -> None:
    """Ann, who was two records and a guest."""
    two_records(mall)
    accepted(mall.shop.members.merge(merging()))


def hashes(member: Member) -> list[str]:
    """What a member is found by."""
    return [*(it.lookup for it in member.contacts), *([member.birthday] if member.birthday else [])]


def kept(storage: Storage, kind: type[Any]) -> list[Any]:
    return [it.value for it in storage.find(Query(kind, limit=500)).items]


def after_rotation(mall: Mall) -> Shop:
    """The shop with the new master alone, once all was rotated."""
    rotated(mall).persons.rotate()
    mall.ways = {**mall.ways, "vault": ROTATED}
    return mall.reopened()


def test_an_erased_member_is_an_id_that_names_nobody(mall: Mall) -> None:
    before = verified(mall)
    accepted(mall.shop.members.give_consent(of_ann(m.GiveConsent, purpose="news", text_version="1", channel="web")))
    erased = accepted(mall.shop.members.erase(ERASE))
    consents = accepted(mall.shop.members.get("ann")).consents
    assert [it.purpose for it in consents] == ["news"]
    assert erased == Member(
        id="ann",
        registered_at=before.registered_at,
        state=MemberState.ERASED,
        consents=consents,
        numbered=before.numbered,
        event_count=before.event_count + 2,
        kept_count=before.kept_count,
    )
    assert refused(mall.shop.members.profile("ann", by=CLERK)) in {"member_erased", "personal_data_erased"}
    assert refused(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)) == "member_not_found"
    assert (kept(mall.storage, PersonalKey), kept(mall.storage, ContactClaim), kept(mall.storage, OneTimeCode)) == ([], [], [])
    assert [it.value for it in mall.storage.read(MEMBERS, key="ann")][-1] == MemberErased(at=mall.clock.now(), by=ANN)


def test_a_member_is_erased_under_every_id_that_is_theirs(mall: Mall) -> None:
    merged(mall)
    guests = placed(mall.shop, evolve(an_order(key="of the guest"), buyer_id="guest-7", by=customer("guest-7")))
    accepted(mall.shop.members.erase(ERASE))
    assert {it.subject for it in (it.value for it in mall.storage.read(PERSONS)) if isinstance(it, PersonErased)} == {"ann", "lee", "guest-7"}
    assert [refused(mall.shop.orders.address(order.id)) for order in mall.orders()] == ["personal_data_erased"] * len(mall.orders())
    assert accepted(mall.shop.orders.get(guests.id)).total == guests.total
    assert kept(mall.storage, ContactClaim) == []


def test_to_erase_again_changes_nothing_but_what_came_since(mall: Mall) -> None:
    verified(mall)
    erased = accepted(mall.shop.members.erase(ERASE))
    assert mall.shop.members.erase(ERASE) == mall.shop.members.erase(evolve(ERASE, key="again", by=CLERK)) == erased
    order = placed(mall.shop)
    assert accepted(mall.shop.persons.erase(ErasePerson(key="come again", by=CLERK, subject="ann"))).key_id
    assert refused(mall.shop.orders.address(order.id)) == "personal_data_erased"


def test_a_contact_of_an_erased_member_can_be_anothers(mall: Mall) -> None:
    verified(mall)
    accepted(mall.shop.members.erase(ERASE))
    mall.clock.advance(minutes=5)
    accepted(mall.shop.members.register(registering(key="new", member_id="new")))
    accepted(mall.shop.members.verify(verifying(mall, key="verify-new", member_id="new")))
    assert accepted(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)).id == "new"


def test_what_a_member_takes_away_has_the_addresses_of_their_orders_in_the_open(mall: Mall) -> None:
    verified(mall)
    placed(mall.shop)
    (order,) = accepted(mall.shop.members.export("ann", by=ANN))["orders"]
    assert order["ship_to"] == {"name": "Ann Lee", "lines": ["1 Harbor Street"], "city": "Hamburg", "country": "DE"}


def test_nobody_gets_more_codes_by_coming_and_going(mall: Mall) -> None:
    registered(mall)
    accepted(mall.shop.members.erase(ERASE))
    registered(mall, key="again", member_id="bob")
    assert len(mall.post.delivered) == 1


def test_an_id_of_a_member_is_erased_with_the_member_alone(mall: Mall) -> None:
    merged(mall)
    for subject in ("ann", "lee", "guest-7"):
        answer = mall.shop.persons.erase(ErasePerson(key=f"erase-{subject}", by=CLERK, subject=subject))
        assert (refused(answer), dict(answer.facts)["member"]) == ("person_is_member", "ann")  # type: ignore[union-attr]
    accepted(mall.shop.members.erase(ERASE))
    assert accepted(mall.shop.persons.erase(ErasePerson(key="ann", by=CLERK, subject="ann"))).key_id == ""


def test_after_a_rotation_members_are_found_by_new_hashes_and_the_old_master_is_needed_no_more(mall: Mall) -> None:
    two_records(mall)
    assert rotated(mall).persons.rotate() == Rotated(2, NEW.id, 2)
    mall.ways = {**mall.ways, "vault": ROTATED}
    desk = mall.reopened().members
    assert [accepted(desk.with_contact(Channel.EMAIL, EMAIL)).id, accepted(desk.with_contact(Channel.PHONE, PHONE)).id] == ["ann", "lee"]
    assert [it.value.id for it in desk.born_on("02-28").items] == ["ann"]
    assert {it.partition(".")[0] for member in kept(mall.storage, Member) for it in hashes(member)} == {NEW.id}
    assert len(kept(mall.storage, ContactClaim)) == 2
    assert mall.shop.persons.rotate() == Rotated(0, NEW.id, 0)


def test_in_the_middle_of_a_rotation_members_are_found_and_no_contact_has_two_owners(mall: Mall) -> None:
    verified(mall)
    shop = rotated(mall)
    assert accepted(shop.members.with_contact(Channel.EMAIL, EMAIL)).id == "ann"
    mall.clock.advance(minutes=5)
    accepted(shop.members.register(registering(key="eve", member_id="eve")))
    assert refused(shop.members.verify(verifying(mall, key="verify-eve", member_id="eve"))) == "contact_taken"
    shop.persons.rotate()
    assert refused(shop.members.verify(verifying(mall, key="verify-eve-2", member_id="eve"))) in {"contact_taken", "code_unknown"}
    assert [it.member_id for it in kept(mall.storage, ContactClaim)] == ["ann"]


def test_who_is_erased_in_the_middle_of_a_rotation_stays_erased(mall: Mall) -> None:
    verified(mall)
    erased = accepted(rotated(mall).members.erase(ERASE))
    assert mall.shop.persons.rotate() == Rotated(0, NEW.id, 0)
    assert accepted(mall.shop.members.get("ann")) == erased


def test_a_member_who_changes_while_a_page_is_hashed_anew_is_hashed_after_it() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage, ways=VAULTED)  # type: ignore[arg-type]  # it answers as a storage does
    two_records(mall)
    shop = rotated(mall)
    change = m.ChangeProfile(key="meanwhile", by=CLERK, member_id="lee", profile={"name": "Lee"})
    storage.before_commit(1, lambda: accepted(shop.members.change_profile(change)))
    assert shop.members.rehash() == Rehashed(seen=2, members=2)
    assert {it.partition(".")[0] for member in kept(mall.storage, Member) for it in hashes(member)} == {NEW.id}
    assert len(kept(mall.storage, ContactClaim)) == 2
    assert accepted(shop.members.profile("lee", by=CLERK)).fields == (("company", "Harbor Teas"), ("name", "Lee"))
