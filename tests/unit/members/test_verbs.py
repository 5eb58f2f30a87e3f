"""Verbs about members, as pure decisions: what is refused, what is told, and what the limits are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.members import events as e
from shopwright.members import merging, verbs
from shopwright.members.actors import Actor, customer, staff
from shopwright.members.consents import MOST_PURPOSES, Consent, stricter
from shopwright.members.contacts import Channel, Contact
from shopwright.members.decision import MemberDecision
from shopwright.members.member import MOST_ADDRESSES, MOST_ALIASES, MOST_CONTACTS, MOST_FIELDS, BookedAddress, Member, ProfileKept, SealedField
from shopwright.members.sealing import Sealed
from shopwright.members.states import TRANSITIONS, VERBS, MemberState, allowed
from shopwright.refusals import Refusal

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN, CLERK = customer("ann"), staff("clerk")
SEALED = Sealed("1.key.AAAA")


def a_contact(number: int = 1, *, verified: bool = False, replaces: str = "") -> Contact:
    at = AT if verified else None
    return Contact(
        id=f"c{number}", channel=Channel.EMAIL, sealed=SEALED, lookup=f"m.{number}", added_at=AT, verified_at=at, replaces=replaces
    )


def a_member(**facts: object) -> Member:
    return Member(**{"id": "ann", "registered_at": AT, **facts})  # type: ignore[arg-type]  # each test gives what fits


def word(purpose: str = "news", *, given: bool = True, at: datetime = AT, by: Actor = ANN) -> Consent:
    return Consent(purpose=purpose, given=given, text_version="1", channel="web", at=at, by=by)


VERBS_OF_ALL: dict[str, Callable[[Member], MemberDecision | Refusal]] = {
    "add a contact": lambda it: verbs.add_contact(it, a_contact(), by=ANN, at=AT),
    "verify a contact": lambda it: verbs.verify_contact(it, "c1", lookup="m.1", by=ANN, at=AT),
    "prove a contact": lambda it: verbs.prove_contact(it, "c1", by=ANN, at=AT),
    "remove a contact": lambda it: verbs.remove_contact(it, "c1", by=ANN, at=AT),
    "change the profile": lambda it: verbs.change_profile(it, (("name", SEALED),), by=ANN, at=AT),
    "put an address": lambda it: verbs.put_address(it, BookedAddress(id="a1", sealed=SEALED), default=False, by=ANN, at=AT),
    "remove an address": lambda it: verbs.remove_address(it, "a1", by=ANN, at=AT),
    "consent": lambda it: verbs.consent(it, word()),
    "block": lambda it: verbs.block(it, reason="fraud", by=CLERK, at=AT),
    "unblock": lambda it: verbs.unblock(it, by=CLERK, at=AT),
    "adopt a guest": lambda it: merging.adopt(it, "g1", by=CLERK, at=AT),
}


def code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


@pytest.mark.parametrize("verb", VERBS_OF_ALL)
def test_nothing_can_be_done_to_a_record_that_does_not_go_on(verb: str) -> None:
    merged = a_member(state=MemberState.MERGED, merged_into="lee")
    assert VERBS_OF_ALL[verb](merged) == Refusal("member_merged", "member 'ann' goes on as 'lee'", {"member": "ann", "into": "lee"})
    assert code(VERBS_OF_ALL[verb](a_member(state=MemberState.ERASED))) == "member_erased"


def test_every_verb_of_the_table_leads_to_an_event() -> None:
    assert {event for targets in TRANSITIONS.values() for event in targets} == set(VERBS)
    assert allowed(MemberState.BLOCKED) == ("unblock", "merge", "erase")


def test_a_verified_contact_takes_the_place_of_the_one_it_replaces() -> None:
    member = a_member(contacts=(a_contact(1, verified=True), a_contact(2, replaces="c1")))
    decision = verbs.verify_contact(member, "c2", lookup="n.2", by=ANN, at=AT)
    assert isinstance(decision, MemberDecision)
    assert decision.member.contacts == (evolve(a_contact(2, verified=True), lookup="n.2"),)
    assert decision.events == (e.ContactVerified(at=AT, by=ANN, contact="c2", channel="email"), e.ContactRemoved(at=AT, by=ANN, contact="c1"))
    assert decision.kept == (ProfileKept(subject="contact/c1", at=AT, by=ANN),)
    assert (decision.member.event_count, decision.member.kept_count) == (2, 1)


def test_a_contact_that_replaces_one_that_is_gone_replaces_nothing() -> None:
    member = a_member(contacts=(a_contact(2, replaces="c1"),))
    decision = verbs.verify_contact(member, "c2", lookup="m.2", by=ANN, at=AT)
    assert isinstance(decision, MemberDecision)
    assert decision.member.contacts == (a_contact(2, verified=True),)


def test_what_is_verified_already_changes_nothing() -> None:
    member = a_member(contacts=(a_contact(1, verified=True),))
    assert verbs.verify_contact(member, "c1", lookup="m.1", by=ANN, at=AT) == MemberDecision(member)


def test_the_limits_of_a_member_are_kept() -> None:
    full = a_member(contacts=tuple(map(a_contact, range(1, MOST_CONTACTS + 1))))
    assert code(verbs.add_contact(full, a_contact(99), by=ANN, at=AT)) == "contacts_too_many"
    many = tuple((f"f{n}", SEALED) for n in range(MOST_FIELDS + 1))
    assert code(verbs.change_profile(a_member(), many, by=ANN, at=AT)) == "profile_too_large"
    book = a_member(addresses=tuple(BookedAddress(id=f"a{n}", sealed=SEALED) for n in range(1, MOST_ADDRESSES + 1)), numbered=MOST_ADDRESSES)
    another = BookedAddress(id=verbs.next_address(book), sealed=SEALED)
    assert code(verbs.put_address(book, another, default=False, by=ANN, at=AT)) == "addresses_too_many"
    asked = a_member(consents=tuple(word(f"p{n:03d}") for n in range(MOST_PURPOSES)))
    assert code(verbs.consent(asked, word("one more"))) == "consents_too_many"
    assert isinstance(verbs.consent(asked, word("p000", given=False)), MemberDecision)
    known = a_member(aliases=tuple(f"g{n}" for n in range(MOST_ALIASES)))
    assert code(merging.adopt(known, "one-more", by=CLERK, at=AT)) == "aliases_too_many"
    assert code(merging.mergeable(known, a_member(id="lee"))) == "aliases_too_many"


def test_no_number_of_a_contact_or_address_is_used_twice() -> None:
    member = a_member(contacts=(a_contact(1),), numbered=1)
    gone = verbs.remove_contact(member, "c1", by=ANN, at=AT)
    assert isinstance(gone, MemberDecision)
    assert (verbs.next_contact(gone.member), verbs.next_address(gone.member)) == ("c2", "a2")


def test_the_first_address_is_the_default_until_another_is_or_it_is_gone() -> None:
    def put(member: Member, number: int, *, default: bool = False) -> Member:
        decision = verbs.put_address(member, BookedAddress(id=f"a{number}", sealed=SEALED), default=default, by=ANN, at=AT)
        assert isinstance(decision, MemberDecision)
        return decision.member

    member = put(put(a_member(), 1), 2)
    assert member.default_address == "a1"
    member = put(member, 2, default=True)
    assert (member.default_address, [it.id for it in member.addresses]) == ("a2", ["a1", "a2"])
    gone = verbs.remove_address(member, "a2", by=ANN, at=AT)
    assert isinstance(gone, MemberDecision)
    assert gone.member.default_address == ""


def test_a_field_that_is_taken_away_is_a_page_without_a_value() -> None:
    member = a_member(profile=(SealedField(name="name", sealed=SEALED),))
    decision = verbs.change_profile(member, (("company", None), ("name", None)), by=ANN, at=AT)
    assert isinstance(decision, MemberDecision)
    assert (decision.member.profile, decision.kept) == ((), (ProfileKept(subject="profile/name", at=AT, by=ANN),))
    assert decision.events == (e.ProfileChanged(at=AT, by=ANN, fields=("name",)),)


def test_a_block_is_not_blocked_again_and_ends_once() -> None:
    blocked = verbs.block(a_member(), reason="fraud", by=CLERK, at=AT)
    assert isinstance(blocked, MemberDecision)
    with pytest.raises(IllegalTransition, match="cannot block a member that is blocked"):
        verbs.block(blocked.member, reason="fraud", by=CLERK, at=AT)
    ended = verbs.unblock(blocked.member, by=CLERK, at=AT)
    assert isinstance(ended, MemberDecision)
    assert (ended.member.state, ended.member.blocked_for) == (MemberState.ACTIVE, "")
    with pytest.raises(IllegalTransition, match="cannot unblock a member that is active; allowed: block, erase, merge"):
        verbs.unblock(ended.member, by=CLERK, at=AT)


LATER = AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("ours", "theirs", "held"),
    [
        (word(), None, word()),
        (None, word(), word()),
        (word(), word(at=LATER), word()),
        (word(at=LATER), word(given=False), word(given=False)),
        (word(given=False), word(at=LATER), word(given=False)),
        (word(given=False), word(given=False, at=LATER), word(given=False)),
    ],
)
def test_of_two_words_on_a_purpose_the_stricter_holds(ours: Consent | None, theirs: Consent | None, held: Consent) -> None:
    assert stricter(() if ours is None else (ours,), () if theirs is None else (theirs,)) == (held,)


def test_erasing_leaves_no_field_that_was_personal() -> None:
    member = a_member(
        contacts=(a_contact(1),),
        profile=(SealedField(name="name", sealed=SEALED),),
        birthday="m.1",
        addresses=(BookedAddress(id="a1", sealed=SEALED),),
        default_address="a1",
        locale="de",
        zone="Europe/Berlin",
    )
    erased = verbs.erase(member, by=ANN, at=AT)
    assert erased.member == a_member(state=MemberState.ERASED, event_count=1)
    assert verbs.erase(erased.member, by=ANN, at=AT) == MemberDecision(erased.member)


def test_a_contact_of_both_that_one_has_verified_is_verified() -> None:
    ours, theirs = a_member(contacts=(a_contact(1),), numbered=1), a_member(id="lee", contacts=(evolve(a_contact(1, verified=True), id="c9"),))
    renamed = merging.renamed(ours, theirs)
    assert renamed.contacts == ()
    goes_on, ends = merging.merge(ours, theirs, merging.Brought(), by=CLERK, at=AT)
    assert goes_on.member.contacts == (a_contact(1, verified=True),)
    assert (ends.member.state, ends.member.merged_into, goes_on.member.aliases) == (MemberState.MERGED, "ann", ("lee",))


def test_a_member_shows_nothing_that_finds_them() -> None:
    shown = repr(a_member(contacts=(a_contact(1),), birthday="m.birthday", profile=(SealedField(name="name", sealed=SEALED),)))
    assert not [text for text in ("m.1", "m.birthday", "AAAA") if text in shown]


def test_silence_is_no() -> None:
    assert not a_member().allows("news")
    assert a_member(consents=(word(),)).allows("news")
    assert not a_member(consents=(word(given=False),)).allows("news")


def test_a_consent_has_a_purpose_and_a_proof() -> None:
    for facts in ({"purpose": ""}, {"text_version": ""}, {"channel": ""}, {"at": AT.replace(tzinfo=None)}, {"by": "ann"}):
        with pytest.raises(InvalidValue):
            evolve(word(), **facts)
