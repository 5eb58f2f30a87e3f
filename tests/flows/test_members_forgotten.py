"""Members who are erased, hashed anew under another master, and asked about by loyalty."""

from __future__ import annotations

from datetime import date

import pytest

from shopwright import accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.members import commands as m
from shopwright.flows.members.people import KnownMembers
from shopwright.flows.members.rehashing import Rehashed
from shopwright.members.codes import OneTimeCode, SentCodes
from shopwright.members.contacts import Channel, ContactClaim
from shopwright.members.events import MemberErased
from shopwright.members.member import Member
from shopwright.members.sealing import PersonalKey
from shopwright.members.states import MemberState
from shopwright.ports.people import Person
from shopwright.ports.storage import Query
from shopwright.wire.kinds import KINDS
from shopwright.wire.member_kinds import MEMBERS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, refused
from tests.flows.membering import EMAIL, PHONE, merging, of_ann, registered, two_records, verified, verifying
from tests.flows.vaulted import ROTATED, VAULT, VAULTED, rotated


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def merged(mall: Mall) -> Member:
    two_records(mall)
    return accepted(mall.shop.members.merge(merging()))


ERASE = of_ann(m.EraseMember)


def test_an_erased_member_is_no_more_than_an_id(mall: Mall) -> None:
    before = merged(mall)
    member = accepted(mall.shop.members.erase(ERASE))
    assert member == Member(
        id="ann",
        registered_at=START,
        state=MemberState.ERASED,
        consents=before.consents,
        aliases=("lee", "guest-7"),
        numbered=before.numbered,
        event_count=before.event_count + 1,
        kept_count=before.kept_count,
    )
    for kind in (PersonalKey, ContactClaim, OneTimeCode):
        assert [it.value for it in mall.storage.find(Query(kind)).items] == [], kind
    assert refused(mall.shop.members.profile("ann", by=ANN)) == "member_erased"
    assert refused(mall.shop.members.export("ann", by=ANN)) == "member_erased"
    assert refused(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)) == "member_not_found"


def test_erasing_erases_the_records_that_were_merged_into_the_member(mall: Mall) -> None:
    merged(mall)
    accepted(mall.shop.members.erase(ERASE))
    lee = accepted(mall.shop.members.get("lee"))
    assert (lee.state, lee.merged_into) == (MemberState.ERASED, "ann")
    assert [it.value for it in mall.storage.read(MEMBERS, key="lee")][-1] == MemberErased(at=START, by=ANN)


def test_orders_of_an_erased_member_are_found_as_before_and_open_for_nobody(mall: Mall) -> None:
    merged(mall)
    accepted(mall.shop.members.erase(ERASE))
    (stored,) = accepted(mall.shop.members.orders("ann")).items
    assert refused(mall.shop.orders.address(stored.value.id)) == "personal_data_erased"


def test_whoever_registers_with_the_contact_of_an_erased_member_is_somebody_new(mall: Mall) -> None:
    verified(mall)
    accepted(mall.shop.members.erase(ERASE))
    mall.clock.advance(minutes=1)
    again = verified(mall, key="again", member_id="ann-2")
    assert (again.id, again.is_verified, again.event_count) == ("ann-2", True, 2)
    assert len(mall.storage.find(Query(SentCodes)).items) == 1


def test_erasing_again_changes_nothing_and_nobody_erases_another(mall: Mall) -> None:
    merged(mall)
    accepted(mall.shop.members.erase(ERASE))
    before = mall.storage.read(MEMBERS, limit=100)
    assert accepted(mall.shop.members.erase(m.EraseMember(key="again", by=ANN, member_id="ann"))).state is MemberState.ERASED
    assert mall.storage.read(MEMBERS, limit=100) == before
    assert refused(mall.shop.members.erase(m.EraseMember(key="other", by=customer("bob"), member_id="ann"))) == "member_not_found"


def test_who_was_blocked_stays_blocked_when_they_are_erased(mall: Mall) -> None:
    registered(mall)
    accepted(mall.shop.members.block(m.BlockMember(key="block", by=CLERK, member_id="ann", reason="fraud")))
    accepted(mall.shop.members.erase(ERASE))
    assert refused(mall.shop.orders.place(an_order())) == "member_blocked"


# Another master


def test_after_hashing_anew_the_old_master_can_go_and_a_contact_is_still_one_members(mall: Mall) -> None:
    merged(mall)
    told: list[tuple[str, int]] = []
    shop = rotated(mall)
    assert shop.members.rehash(progress=lambda *done: told.append(done)) == Rehashed(seen=2, members=1)
    assert shop.persons.rotate().members == 0
    assert told == [("members", 2)]
    assert shop.members.rehash() == Rehashed(seen=2, members=0)
    mall.ways = {"vault": ROTATED}
    mall.reopened()
    for channel, contact in ((Channel.EMAIL, EMAIL), (Channel.PHONE, PHONE)):
        assert accepted(mall.shop.members.with_contact(channel, contact)).id == "ann"
    assert [it.value.id for it in mall.shop.members.born_on("02-28").items] == ["ann"]
    mall.clock.advance(minutes=1)
    registered(mall, key="eve", member_id="eve")
    assert refused(mall.shop.members.verify(verifying(mall, member_id="eve"))) == "contact_taken"
    assert len(mall.storage.find(Query(ContactClaim)).items) == 2


def test_members_of_many_pages_are_all_hashed_anew(mall: Mall) -> None:
    for number in range(205):
        registered(mall, key=f"r{number}", member_id=f"m{number:03d}", email=f"m{number}@mall.example")
    assert rotated(mall).members.rehash() == Rehashed(seen=205, members=205)


# What loyalty asks


def test_loyalty_knows_active_members_alone(mall: Mall) -> None:
    people = KnownMembers(mall.storage, VAULT)
    merged(mall)
    registered(mall, key="bob", member_id="bob", email="bob@mall.example", profile={"born": "--02-28"}, zone="Asia/Tokyo")
    assert people.person("ann") == Person(zone="UTC", born=date(1990, 2, 28), joined_at=START)
    assert people.person("bob") == Person(zone="Asia/Tokyo", born=(2, 28), joined_at=START)
    assert [people.person(id) for id in ("lee", "guest-7", "nobody")] == [None, None, None]
    assert list(people.born_on(frozenset({(2, 28), (3, 1)}))) == ["ann", "bob"]
    accepted(mall.shop.members.erase(ERASE))
    assert (people.person("ann"), list(people.born_on(frozenset({(2, 28)})))) == (None, ["bob"])
