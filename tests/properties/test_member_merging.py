"""Members who turn out to be one person, in any order, with crashes in between: nothing of theirs is lost, doubled or somebody else's.

Beside the shop stands a model that keeps people as plain sets of ids.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shopwright import Refusal, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.members import commands as m
from shopwright.flows.points.commands import GrantPoints, HoldPoints, RedeemPoints
from shopwright.loyalty.naming import account_id
from shopwright.members.contacts import Channel
from shopwright.members.member import MemberBlock
from shopwright.members.states import MemberState
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from shopwright.wire.member_kinds import MEMBERS, PROFILES
from tests.flows.mall import CLERK, Mall
from tests.flows.membering import HOME
from tests.flows.vaulted import VAULTED
from tests.surroundings import tries

PEOPLE = tuple("abcdef")
GUESTS = ("g1", "g2", "g3")
EMAILS = tuple(f"{name}@mall.example" for name in ("one", "two", "three"))
PURPOSES = ("news", "calls")

who = st.sampled_from(PEOPLE)
guest = st.sampled_from(GUESTS)


@define
class Someone:
    """A person as the model has them."""

    ids: set[str]
    emails: set[str] = field(factory=set)
    fields: set[str] = field(factory=set)
    words: dict[str, bool] = field(factory=dict)
    addresses: int = 0
    points: int = 0
    held: int = 0
    is_blocked: bool = False


class MergingMachine(RuleBasedStateMachine):
    """Six records and three guests."""

    @initialize()
    def open(self) -> None:
        self.mall = Mall(MemoryStorage(KINDS), ways=VAULTED)
        self.people: dict[str, Someone] = {}
        self.steps = 0

    def key(self) -> str:
        self.steps += 1
        return f"step-{self.steps}"

    def of(self, id: str) -> Someone | None:
        return next((it for it in self.people.values() if id in it.ids), None)

    def is_root(self, id: str) -> bool:
        return id in self.people

    def do(self, verb: str, kind: type[Any], crash: int, **facts: Any) -> Any:
        """Do it at the desk of members, dying at a call, and send it again until it is done, and once more."""
        command = kind(key=self.key(), by=CLERK, **facts)
        if crash:
            self.mall.faults.crash_at(crash, after=crash % 2 == 0)
            try:
                getattr(self.mall.shop.members, verb)(command)
            except Crash:
                self.mall.reopened()
            self.mall.faults.heal()
        answer = getattr(self.mall.shop.members, verb)(command)
        if not isinstance(answer, Refusal):
            assert getattr(self.mall.shop.members, verb)(command) == answer
        return answer

    # What happens

    @rule(id=who, email=st.sampled_from(EMAILS), crash=st.integers(0, 4))
    def register(self, id: str, email: str, crash: int) -> None:
        answer = self.do("register", m.RegisterMember, crash, member_id=id, email=email, profile={"name": id, f"of_{id}": id}, verified=True)
        if self.of(id) is not None:
            assert answer.code == "member_exists"
        elif any(email in it.emails for it in self.people.values()):
            assert answer.code == "contact_taken"
        else:
            assert answer.id == id
            self.people[id] = Someone(ids={id}, emails={email}, fields={"name", f"of_{id}"}, points=self.loose.pop(id, 0))

    @rule(id=who, purpose=st.sampled_from(PURPOSES), given=st.booleans(), crash=st.integers(0, 3))
    def consent(self, id: str, purpose: str, given: bool, crash: int) -> None:
        verb, kind = ("give_consent", m.GiveConsent) if given else ("withdraw_consent", m.WithdrawConsent)
        answer = self.do(verb, kind, crash, member_id=id, purpose=purpose, text_version="1", channel="web")
        if self.is_root(id):
            self.people[id].words[purpose] = given
        else:
            assert answer.code == ("member_not_found" if self.of(id) is None else "member_merged")

    @precondition(lambda self: self.people)
    @rule(id=who)
    def book_address(self, id: str) -> None:
        answer = self.do("put_address", m.PutAddress, 0, member_id=id, address=HOME)
        if self.is_root(id):
            self.people[id].addresses += 1
        else:
            assert isinstance(answer, Refusal)

    @rule(id=who, guest_id=guest, crash=st.integers(0, 4))
    def adopt(self, id: str, guest_id: str, crash: int) -> None:
        answer = self.do("adopt_guest", m.AdoptGuest, crash, member_id=id, guest_id=guest_id)
        owner = self.of(guest_id)
        if self.is_root(id) and owner in (None, self.people[id]):
            self.people[id].ids.add(guest_id)
            self.swallow(self.people[id], guest_id)
        elif self.is_root(id):
            assert answer.code == "guest_taken"

    @precondition(lambda self: self.people)
    @rule(id=who, into=st.booleans())
    def block_or_not(self, id: str, into: bool) -> None:
        if self.is_root(id) and self.people[id].is_blocked is not into:
            verb, kind, facts = ("block", m.BlockMember, {"reason": "fraud"}) if into else ("unblock", m.UnblockMember, {})
            accepted(self.do(verb, kind, 0, member_id=id, **facts))
            self.people[id].is_blocked = into

    @precondition(lambda self: len(self.people) > 1)
    @rule(into=who, other=who, crash=st.integers(0, 8))
    def merge(self, into: str, other: str, crash: int) -> None:
        if into == other:
            return
        before = self.picture()
        answer = self.do("merge", m.MergeMembers, crash, member_id=into, other_id=other)
        ours, theirs = self.of(into), self.of(other)
        if ours is None or theirs is None:
            assert answer.code == "member_not_found"
        elif ours is theirs and self.is_root(into):
            assert (answer.id, self.picture()) == (into, before), "merging again changes nothing"
        elif not self.is_root(into) or not self.is_root(other):
            assert answer.code in ("merge_cycle", "member_merged")
        else:
            self.unite(into, other)

    def unite(self, into: str, other: str) -> None:
        ours, theirs = self.people[into], self.people.pop(other)
        ours.ids |= theirs.ids
        ours.emails |= theirs.emails
        ours.fields |= theirs.fields
        for purpose, given in theirs.words.items():
            ours.words[purpose] = given and ours.words.get(purpose, True)
        ours.addresses += theirs.addresses
        ours.points += theirs.points
        ours.held += theirs.held
        ours.is_blocked |= theirs.is_blocked

    # Points

    def swallow(self, someone: Someone, guest_id: str) -> None:
        """What a guest has earned is theirs who the guest was."""
        someone.points += self.loose.pop(guest_id, 0)

    @initialize()
    def begin(self) -> None:
        self.loose: dict[str, int] = {}

    @rule(id=who | guest, points=st.integers(1, 50))
    def earn(self, id: str, points: int) -> None:
        key = self.key()
        accepted(self.mall.shop.points.grant(GrantPoints(key=key, by=CLERK, account_id=account_id(id), lot_id=f"lot-{key}", points=points)))
        owner = self.of(id)
        if owner is None:
            self.loose[id] = self.loose.get(id, 0) + points
        else:
            owner.points += points

    @rule(id=who, points=st.integers(1, 30), keep=st.booleans())
    def spend(self, id: str, points: int, keep: bool) -> None:
        owner, key = self.of(id), self.key()
        if owner is None:
            return
        facts: dict[str, Any] = {"key": key, "by": CLERK, "account_id": account_id(id), "points": points}
        if keep:
            until = self.mall.clock.now().replace(year=2030)
            answer: Any = self.mall.shop.points.hold(HoldPoints(**facts, hold_id=key, until=until))
        else:
            answer = self.mall.shop.points.redeem(RedeemPoints(**facts, redemption_id=key))
        if owner.points < points:
            assert answer.code == "points_short"
        else:
            accepted(answer)
            owner.points -= points
            owner.held += points if keep else 0

    # What holds

    def picture(self) -> list[Any]:
        storage = self.mall.storage
        return [storage.read(stream, limit=1_000) for stream in (MEMBERS, PROFILES, "points")]

    @invariant()
    def every_id_leads_to_its_person(self) -> None:
        for id in (*PEOPLE, *GUESTS):
            person, answer = self.of(id), self.mall.shop.members.owner(id)
            if person is None:
                assert isinstance(answer, Refusal)
            else:
                member = accepted(answer)
                assert (member.id in self.people, set(member.ids)) == (True, person.ids)

    @invariant()
    def nothing_is_lost(self) -> None:
        desk = self.mall.shop.members
        for id, person in self.people.items():
            member, profile = accepted(desk.get(id)), accepted(desk.profile(id, by=customer(id)))
            assert {it.written for it in profile.contacts} == person.emails
            assert {accepted(desk.with_contact(Channel.EMAIL, email)).id for email in person.emails} == {id}
            assert {name for name, _ in profile.fields} == person.fields
            assert [address for _, address in profile.addresses] == [HOME] * person.addresses
            assert {it.purpose: it.given for it in member.consents} == person.words

    @invariant()
    def who_is_blocked_is_blocked_under_every_id(self) -> None:
        blocked = {id for person in self.people.values() if person.is_blocked for id in person.ids}
        assert set(self.mall.storage.load_many(MemberBlock, (*PEOPLE, *GUESTS))) == blocked
        for id, person in self.people.items():
            assert (accepted(self.mall.shop.members.get(id)).state is MemberState.BLOCKED) is person.is_blocked

    @invariant()
    def no_point_is_lost_or_made(self) -> None:
        for person in self.people.values():
            for id in person.ids:
                balance = accepted(self.mall.shop.points.balance(account_id(id)))
                assert (balance.available, balance.held) == (person.points, person.held), id


MergingMachine.TestCase.settings = settings(max_examples=tries(25, full=60), stateful_step_count=30, deadline=None)
TestMerging = MergingMachine.TestCase
