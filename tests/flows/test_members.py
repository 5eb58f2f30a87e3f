"""Members: whose a contact is, what is told to whom, consents with proof, blocks, and two ids that are one person."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Refusal, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import VaultMissing
from shopwright.flows.members import commands as m
from shopwright.flows.points.commands import GrantPoints, HoldPoints
from shopwright.members.consents import Consent
from shopwright.members.contacts import Channel
from shopwright.members.events import ConsentGiven, ConsentWithdrawn, MemberAbsorbed
from shopwright.members.member import Member, MemberBlock
from shopwright.members.states import MemberState
from shopwright.wire.kinds import KINDS
from shopwright.wire.member_kinds import MEMBERS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed, refused
from tests.flows.membering import EMAIL, HOME, PHONE, blocked, consenting, merging, of_ann, registered, registering, two_records, verified, verifying
from tests.flows.troubles import Interrupted
from tests.flows.vaulted import VAULT, VAULTED


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def events(mall: Mall, member_id: str = "ann") -> list[object]:
    return [it.value for it in mall.storage.read(MEMBERS, key=member_id, limit=500)]


# MEMBER-1: whose a contact is


def test_member_1_who_has_not_verified_a_contact_keeps_nobody_from_it(mall: Mall) -> None:
    registered(mall, key="squatter", member_id="squatter")
    mall.clock.advance(minutes=1)
    verified(mall)
    assert accepted(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)).id == "ann"


def test_registering_a_contact_that_is_anothers_answers_as_for_one_that_is_nobodys(mall: Mall) -> None:
    verified(mall)
    mall.clock.advance(minutes=1)
    for member_id, email in (("eve", EMAIL), ("bob", "bob@mall.example")):
        answer = accepted(mall.shop.members.register(registering(key=member_id, member_id=member_id, email=email, by=customer(member_id))))
        shown = evolve(answer, id="x", contacts=(), profile=(), birthday="")
        assert shown == Member(id="x", registered_at=mall.clock.now(), numbered=1, event_count=1, kept_count=3)


def test_that_a_contact_is_taken_is_told_to_whoever_has_shown_that_they_read_it(mall: Mall) -> None:
    verified(mall)
    mall.clock.advance(minutes=1)
    registered(mall, key="eve", member_id="eve")
    assert refused(mall.shop.members.verify(verifying(mall, key="guess", member_id="eve", code="wrong"))) == "code_wrong"
    answer = mall.shop.members.verify(verifying(mall, key="eve's", member_id="eve"))
    assert answer == Refusal("contact_taken", "this email is another member's", {"channel": "email"})


def test_a_contact_that_was_removed_is_nobodys_and_can_be_anothers(mall: Mall) -> None:
    verified(mall)
    accepted(mall.shop.members.remove_contact(of_ann(m.RemoveContact, contact="c1")))
    mall.clock.advance(minutes=1)
    assert verified(mall, key="lee", member_id="lee").is_verified


def test_a_contact_that_replaces_another_does_so_once_it_is_verified(mall: Mall) -> None:
    verified(mall)
    adding = of_ann(m.AddContact, channel=Channel.EMAIL, contact="work@mall.example", replaces="c1")
    member = accepted(mall.shop.members.add_contact(adding))
    assert [it.id for it in member.contacts] == ["c1", "c2"]
    assert refused(mall.shop.members.with_contact(Channel.EMAIL, "work@mall.example")) == "member_not_found"
    member = accepted(mall.shop.members.verify(verifying(mall, contact="c2")))
    assert [it.id for it in member.contacts] == ["c2"]
    assert refused(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)) == "member_not_found"
    assert accepted(mall.shop.members.with_contact(Channel.EMAIL, "Work@Mall.example")).id == "ann"


@pytest.mark.parametrize("written", ["+49 30 901820", "0049 30 901820", "030 901820", "(030) 90-18-20"])
def test_a_phone_number_is_one_however_it_is_written(mall: Mall, written: str) -> None:
    registered(mall, phone=PHONE)
    accepted(mall.shop.members.verify(verifying(mall, contact="c2")))
    mall.ways = {**VAULTED, "member_terms": m_terms("DE")}
    assert accepted(mall.reopened().members.with_contact(Channel.PHONE, written)).id == "ann"


def m_terms(region: str) -> object:
    from shopwright.members.terms import MemberTerms

    return MemberTerms(phone_region=region)


def test_a_contact_is_found_under_an_older_master_too_and_stays_one_members(mall: Mall) -> None:
    from tests.flows.vaulted import ROTATING

    verified(mall)
    mall.clock.advance(minutes=1)
    mall.ways = {"vault": ROTATING}
    mall.reopened()
    assert accepted(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)).id == "ann"
    registered(mall, key="eve", member_id="eve")
    assert refused(mall.shop.members.verify(verifying(mall, member_id="eve"))) == "contact_taken"


# What is kept and told


def test_a_shop_without_a_vault_registers_nobody() -> None:
    shop = Shop(MemoryStorage(KINDS))
    with pytest.raises(VaultMissing, match="this shop has no vault"):
        shop.members.register(registering())


def test_without_the_extra_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["email_validator"] = sys.modules["phonenumbers"] = None
from shopwright.errors import NotSupportedHere
from shopwright.members.contacts import Channel
from shopwright.wire.contacts import read_contact
for channel in Channel:
    try:
        read_contact(channel, "ann@mall.example")
    except NotSupportedHere as error:
        assert "install shopwright[members]" in str(error) and "ann" not in str(error), error
    else:
        raise SystemExit(channel)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_profile_opens_for_the_member_and_the_shop_and_shows_nothing_by_itself(mall: Mall) -> None:
    verified(mall)
    accepted(mall.shop.members.put_address(of_ann(m.PutAddress, address=HOME)))
    profile = accepted(mall.shop.members.profile("ann", by=ANN))
    assert (profile.get("name"), profile.contacts[0].written, profile.addresses) == ("Ann Lee", "Ann.Lee@mall.example", (("a2", HOME),))
    assert not [text for text in ("Ann Lee", "1990", "Harbor") if text in repr(profile)]
    assert profile == accepted(mall.shop.members.profile("ann", by=CLERK))


def test_an_event_names_fields_and_the_sealed_history_has_what_they_were(mall: Mall) -> None:
    registered(mall)
    accepted(mall.shop.members.change_profile(of_ann(m.ChangeProfile, profile={"name": "Ann Doe", "born": ""}, locale="de")))
    bundle = accepted(mall.shop.members.export("ann", by=ANN))
    changed = bundle["events"][-1]
    assert (changed["event"], changed["fields"]) == ("ProfileChanged", ["born", "locale", "name"])
    told = [(page["field"], page["value"]) for page in bundle["history"] if page["field"].startswith("profile")]
    assert told == [("profile/born", "1990-02-28"), ("profile/name", "Ann Lee"), ("profile/born", None), ("profile/name", "Ann Doe")]


def test_a_change_that_changes_nothing_is_none(mall: Mall) -> None:
    before = registered(mall)
    after = accepted(mall.shop.members.change_profile(of_ann(m.ChangeProfile, profile={"company": ""}, locale="en")))
    assert after == before


def test_members_are_found_by_the_day_of_their_birthday(mall: Mall) -> None:
    registered(mall)
    registered(mall, key="lee", member_id="lee", email="lee@mall.example", profile={"born": "--02-28"})
    registered(mall, key="bob", member_id="bob", email="bob@mall.example", profile={"born": "1990-03-01"})
    assert [it.value.id for it in mall.shop.members.born_on("02-28").items] == ["ann", "lee"]
    accepted(mall.shop.members.change_profile(of_ann(m.ChangeProfile, profile={"born": ""})))
    assert [it.value.id for it in mall.shop.members.born_on("02-28").items] == ["lee"]


# Consent


def test_consent_is_kept_with_its_proof_and_every_word_stays_in_the_history(mall: Mall) -> None:
    registered(mall)
    given = accepted(mall.shop.members.give_consent(consenting(m.GiveConsent)))
    proof = Consent(purpose="news", given=True, text_version="2026-01", channel="web", at=START, by=ANN)
    assert (given.consents, given.allows("news"), given.allows("calls")) == ((proof,), True, False)
    mall.clock.advance(days=1)
    gone = accepted(mall.shop.members.withdraw_consent(consenting(m.WithdrawConsent, key="no")))
    later = START + timedelta(days=1)
    assert (gone.consents, gone.allows("news")) == ((evolve(proof, given=False, at=later),), False)
    assert events(mall)[1:] == [
        ConsentGiven(at=START, by=ANN, purpose="news", text_version="2026-01", channel="web"),
        ConsentWithdrawn(at=later, by=ANN, purpose="news", text_version="2026-01", channel="web"),
    ]


# MEMBER-2: blocked


def test_who_is_blocked_places_no_order_until_they_are_not(mall: Mall) -> None:
    blocked(mall)
    answer = mall.shop.orders.place(an_order())
    assert answer == Refusal("member_blocked", "orders of this member are not taken", {"reason": "fraud"})
    assert mall.orders() == ()
    accepted(mall.shop.members.unblock(of_ann(m.UnblockMember, by=CLERK)))
    placed(mall.shop)


def test_an_order_that_was_placed_before_the_block_is_there_when_its_command_comes_again(mall: Mall) -> None:
    order = placed(mall.shop)
    blocked(mall)
    assert accepted(mall.shop.orders.place(an_order())).id == order.id


def test_member_2_who_is_blocked_is_blocked_under_every_id(mall: Mall) -> None:
    two_records(mall)
    accepted(mall.shop.members.block(m.BlockMember(key="block", by=CLERK, member_id="lee", reason="fraud")))
    merged = accepted(mall.shop.members.merge(merging()))
    assert (merged.state, merged.blocked_for) == (MemberState.BLOCKED, "fraud")
    for number, buyer in enumerate(("ann", "lee", "guest-7")):
        assert refused(mall.shop.orders.place(evolve(an_order(key=f"o{number}-x"), buyer_id=buyer))) == "member_blocked"
    accepted(mall.shop.members.unblock(of_ann(m.UnblockMember, by=CLERK)))
    assert mall.storage.load_many(MemberBlock, ("ann", "lee", "guest-7")) == {}


def test_a_guest_of_a_blocked_member_is_blocked(mall: Mall) -> None:
    blocked(mall)
    accepted(mall.shop.members.adopt_guest(of_ann(m.AdoptGuest, guest_id="guest-7", by=CLERK)))
    assert refused(mall.shop.orders.place(evolve(an_order(), buyer_id="guest-7"))) == "member_blocked"


def test_a_shop_without_members_reads_nothing_more_for_an_order() -> None:
    counted = []
    for ways in ({}, VAULTED):
        mall = Mall(MemoryStorage(KINDS), ways=ways)
        placed(mall.shop)
        mall.faults.heal()
        placed(mall.shop, an_order(key="second"))
        counted.append(mall.faults.calls)
    assert counted[0] == ["MemoryStorage.load_each", "MemoryStorage.commit"]


# MERGE-1, MERGE-2 and MERGE-3: one person, two ids


def test_merge_1_orders_keep_their_buyer_and_are_found_under_the_member(mall: Mall) -> None:
    two_records(mall)
    for number, buyer in enumerate(("lee", "guest-7")):
        mall.clock.advance(minutes=1)
        placed(mall.shop, evolve(an_order(key=f"as-{number}"), buyer_id=buyer, by=customer(buyer)))
    accepted(mall.shop.members.merge(merging()))
    page = accepted(mall.shop.members.orders("ann"))
    assert [it.value.buyer_id for it in page.items] == ["ann", "lee", "guest-7"]
    assert [accepted(mall.shop.members.owner(id)).id for id in ("ann", "lee", "guest-7")] == ["ann"] * 3
    assert len(accepted(mall.shop.members.export("ann", by=ANN))["orders"]) == 3


def test_a_member_sees_the_orders_of_every_id_that_is_theirs_and_nobody_else_does(mall: Mall) -> None:
    two_records(mall)
    order = placed(mall.shop, evolve(an_order(key="as-guest"), buyer_id="guest-7", by=customer("guest-7")))
    assert refused(mall.shop.orders.get(order.id, by=ANN)) == "order_not_found"
    accepted(mall.shop.members.merge(merging()))
    assert accepted(mall.shop.orders.get(order.id, by=ANN)) == order
    assert accepted(mall.shop.orders.address(order.id, by=ANN)) == an_order().ship_to
    assert refused(mall.shop.orders.get(order.id, by=customer("bob"))) == "order_not_found"


def test_merge_2_nothing_of_two_records_is_lost_and_the_stricter_consent_holds(mall: Mall) -> None:
    two_records(mall)
    merged = accepted(mall.shop.members.merge(merging()))
    profile = accepted(mall.shop.members.profile("ann", by=ANN))
    assert profile.fields == (("born", "1990-02-28"), ("company", "Harbor Teas"), ("name", "Ann Lee"))
    assert [(it.written, it.verified_at is not None) for it in profile.contacts] == [("Ann.Lee@mall.example", True), ("+4930901820", True)]
    assert [address for _, address in profile.addresses] == [HOME]
    assert (merged.allows("news"), merged.allows("calls"), merged.aliases) == (False, True, ("lee", "guest-7"))
    assert accepted(mall.shop.members.with_contact(Channel.PHONE, PHONE)).id == "ann"
    history = accepted(mall.shop.members.export("ann", by=ANN))["history"]
    assert {page["value"] for page in history} >= {"A. Lee", "Ann Lee", "Harbor Teas"}
    absorbed = events(mall)[-1]
    assert isinstance(absorbed, MemberAbsorbed)
    assert [it.purpose for it in absorbed.consents] == ["calls", "news"]


def test_points_of_both_and_of_the_guests_are_one_account(mall: Mall) -> None:
    two_records(mall)
    accepted(mall.shop.members.merge(merging()))
    for account in ("points/ann", "points/lee", "points/guest-7"):
        assert accepted(mall.shop.points.balance(account)).available == 35
    late = GrantPoints(key="late", by=CLERK, account_id="points/guest-7", lot_id="late", points=1)
    assert accepted(mall.shop.points.grant(late)).account_id == "points/ann"
    assert accepted(mall.shop.points.account("points/lee", by=ANN)).balance(START).available == 36


@pytest.mark.parametrize("account", ["points/ann", "points/lee"])
def test_points_that_are_earned_while_two_records_are_merged_are_the_members(mall: Mall, account: str) -> None:
    two_records(mall)
    storage = Interrupted(mall.storage)
    shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does
    late = GrantPoints(key="late", by=CLERK, account_id=account, lot_id="late", points=7)
    storage.before_commit(1, lambda: accepted(mall.shop.points.grant(late)))
    accepted(shop.members.merge(merging()))
    assert accepted(mall.shop.points.balance("points/ann")).available == 42


def test_points_that_cannot_be_put_together_keep_two_records_apart(mall: Mall) -> None:
    two_records(mall)
    for account in ("points/ann", "points/lee"):
        hold = HoldPoints(key=f"hold-{account}", by=CLERK, account_id=account, hold_id="cart", points=1, until=START + timedelta(days=1))
        accepted(mall.shop.points.hold(hold))
    assert refused(mall.shop.members.merge(merging())) == "hold_exists"
    assert accepted(mall.shop.members.get("lee")).is_open


def test_merge_3_to_merge_again_changes_nothing_and_no_record_goes_on_as_itself(mall: Mall) -> None:
    two_records(mall)
    merged = accepted(mall.shop.members.merge(merging()))
    assert accepted(mall.shop.members.merge(merging(key="again"))) == merged
    registered(mall, key="third", member_id="third", email="third@mall.example")
    assert refused(mall.shop.members.merge(merging(key="back", into="lee", other="ann"))) == "merge_cycle"
    assert refused(mall.shop.members.merge(merging(key="away", into="third", other="lee"))) == "member_merged"
    accepted(mall.shop.members.merge(merging(key="chain", into="third", other="ann")))
    assert refused(mall.shop.members.merge(merging(key="round", into="ann", other="third"))) == "merge_cycle"
    assert accepted(mall.shop.members.owner("guest-7")).id == "third"
    assert accepted(mall.shop.members.merge(merging(key="far", into="third", other="lee"))).id == "third"


def test_of_two_who_merge_each_into_the_other_at_once_one_is_refused(mall: Mall) -> None:
    two_records(mall)
    storage = Interrupted(mall.storage)
    shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does
    storage.before_commit(1, lambda: accepted(mall.shop.members.merge(merging(key="other", into="lee", other="ann"))))
    assert refused(shop.members.merge(merging())) == "merge_cycle"


def test_what_a_guest_ordered_is_the_members_and_nobody_elses(mall: Mall) -> None:
    registered(mall)
    registered(mall, key="bob", member_id="bob", email="bob@mall.example")
    adopting = of_ann(m.AdoptGuest, guest_id="guest-7", by=CLERK)
    member = accepted(mall.shop.members.adopt_guest(adopting))
    assert accepted(mall.shop.members.adopt_guest(evolve(adopting, key="again"))) == member
    assert refused(mall.shop.members.adopt_guest(evolve(adopting, key="bob's", member_id="bob"))) == "guest_taken"


def test_a_bundle_is_plain_data(mall: Mall) -> None:
    two_records(mall)
    accepted(mall.shop.members.merge(merging()))
    mall.shop.tiers.follow()
    bundle = accepted(mall.shop.members.export("ann", by=ANN))
    assert json.loads(json.dumps(bundle)) == bundle
    parts = "form at member profile contacts addresses methods consents events history points loyalty orders cases"
    assert " ".join(bundle) == parts
    assert [(it["kind"], it["id"]) for it in bundle["loyalty"]] == [("tier_account", "ann")]
    (account,) = bundle["points"]
    assert (account["account"], account["balance"]["available"], len(account["entries"])) == ("points/ann", 35, 7)
