"""One-time codes resist replay, time, guessing and races; and what was not answered is sent again, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from attrs import evolve

from shopwright import Refusal, Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import KeyConflict
from shopwright.flows.members import commands as m
from shopwright.members.codes import CodePurpose, CodeRules, OneTimeCode, SentCodes, code_id
from shopwright.members.contacts import Channel
from shopwright.members.member import Member
from shopwright.members.terms import MemberTerms
from shopwright.payments.errors import Indeterminate, NotSent
from shopwright.ports.storage import Query
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, START, Mall, refused
from tests.flows.membering import EMAIL, of_ann, registered, registering, verified, verifying
from tests.flows.processes import Opener, opener, race
from tests.flows.troubles import Interrupted
from tests.flows.vaulted import OLD, ROTATED, ROTATING, VAULT, VAULTED

RULES = CodeRules()
ID = code_id(CodePurpose.VERIFY, "ann", "c1")


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def sending(key: str = "send", **facts: Any) -> m.SendCode:
    return m.SendCode(**{"key": key, "by": ANN, "member_id": "ann", "contact": "c1", **facts})


def the_code(mall: Mall) -> OneTimeCode:
    stored = mall.storage.load(OneTimeCode, ID)
    assert stored is not None
    return stored.value


def wrong(mall: Mall, number: int = 0) -> str:
    """A code that is not the right one."""
    return f"{(int(mall.post.code()) + 1 + number) % 10**6:06d}"


# CODE-1: for one purpose, one member and one contact, for minutes, once


def test_code_1_a_code_makes_the_contact_the_members_and_is_used_up(mall: Mall) -> None:
    registered(mall)
    member = accepted(mall.shop.members.verify(verifying(mall)))
    assert (member.is_verified, member.contacts[0].verified_at) == (True, START)
    assert refused(mall.shop.members.verify(verifying(mall, key="replay"))) == "code_used"


def test_the_same_command_sent_again_gets_the_same_member_though_the_code_is_used(mall: Mall) -> None:
    registered(mall)
    assert mall.shop.members.verify(verifying(mall)) == mall.shop.members.verify(verifying(mall))


def test_one_key_is_not_for_two_guesses(mall: Mall) -> None:
    registered(mall)
    assert refused(mall.shop.members.verify(verifying(mall, code=wrong(mall)))) == "code_wrong"
    with pytest.raises(KeyConflict):
        mall.shop.members.verify(verifying(mall))


@pytest.mark.parametrize(("later", "code"), [(RULES.lives - timedelta(microseconds=1), ""), (RULES.lives, "code_expired")])
def test_a_code_is_good_until_the_instant_at_which_it_expires(mall: Mall, later: timedelta, code: str) -> None:
    registered(mall)
    mall.clock.advance(later)
    answer = mall.shop.members.verify(verifying(mall))
    assert (answer.code if isinstance(answer, Refusal) else "") == code


def test_a_right_code_that_was_counted_before_it_expired_and_is_entered_again_later_is_expired(mall: Mall) -> None:
    registered(mall)
    storage = Interrupted(mall.storage)
    storage.before_commit(2, lambda: (_ for _ in ()).throw(ConnectionError))
    shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does
    with pytest.raises(ConnectionError):
        shop.members.verify(verifying(mall))
    mall.clock.advance(RULES.lives)
    assert refused(mall.shop.members.verify(verifying(mall))) == "code_expired"


def test_a_code_for_one_purpose_is_none_for_another(mall: Mall) -> None:
    verified(mall)
    mall.clock.advance(RULES.pause)
    accepted(mall.shop.members.send_code(sending(purpose=CodePurpose.PROVE)))
    assert refused(mall.shop.members.verify(verifying(mall, key="other"))) == "code_used"
    assert accepted(mall.shop.members.prove(of_ann(m.ProveContact, contact="c1", code=mall.post.code()))).event_count == 3


def test_a_code_for_one_contact_or_member_is_none_for_another(mall: Mall) -> None:
    registered(mall, phone="+49 30 901820")
    registered(mall, key="bob", member_id="bob", email="bob@mall.example")
    codes = [dict(it.facts)["code"] for it in mall.post.delivered.values()]
    assert len(set(codes)) == 3, "the seed of this mall gives three"
    assert refused(mall.shop.members.verify(verifying(mall, code=codes[1]))) == "code_wrong"
    assert refused(mall.shop.members.verify(verifying(mall, key="v2", code=codes[2]))) == "code_wrong"


def test_spaces_in_a_code_are_nothing(mall: Mall) -> None:
    registered(mall)
    code = mall.post.code()
    accepted(mall.shop.members.verify(verifying(mall, code=f" {code[:3]} {code[3:]}")))


def test_a_new_code_ends_the_one_before_it(mall: Mall) -> None:
    registered(mall)
    first = mall.post.code()
    mall.clock.advance(RULES.pause)
    accepted(mall.shop.members.send_code(sending()))
    assert refused(mall.shop.members.verify(verifying(mall, code=first))) == "code_wrong"
    accepted(mall.shop.members.verify(verifying(mall, key="second")))


# CODE-2: guessing


def test_code_2_after_so_many_attempts_the_right_code_is_good_for_nothing(mall: Mall) -> None:
    registered(mall)
    told = [mall.shop.members.verify(verifying(mall, key=f"g{n}", code=wrong(mall, n))) for n in range(RULES.attempts)]
    assert [dict(it.facts)["left"] for it in told if isinstance(it, Refusal)] == [4, 3, 2, 1, 0]
    assert refused(mall.shop.members.verify(verifying(mall, key="right"))) == "code_attempts"
    assert not accepted(mall.shop.members.get("ann")).is_verified


def test_an_attempt_that_is_sent_again_is_no_guess_at_a_code_that_came_later(mall: Mall) -> None:
    registered(mall)
    guess = verifying(mall, key="guess", code=wrong(mall))
    assert refused(mall.shop.members.verify(guess)) == "code_wrong"
    for number in range(1, 200):
        mall.clock.advance(hours=1)
        accepted(mall.shop.members.send_code(sending(f"s{number}")))
        assert refused(mall.shop.members.verify(evolve(guess))) == "code_wrong"
    assert the_code(mall).attempts == 0


def test_an_attempt_is_stored_before_the_code_is_looked_at(mall: Mall) -> None:
    registered(mall)
    seen = []

    class Looking:
        """The vault, and how many attempts there were when the code was looked at."""

        def __getattr__(self, name: str) -> Any:
            return getattr(VAULT, name)

        def lookups(self, kind: str, text: str) -> tuple[str, ...]:
            if kind == "code":
                seen.append(the_code(mall).attempts)
            return VAULT.lookups(kind, text)

    shop = Shop(mall.storage, vault=Looking(), clock=mall.clock)  # type: ignore[arg-type]  # it answers as a vault does
    for number in range(7):
        shop.members.verify(verifying(mall, key=f"g{number}", code=wrong(mall, number)))
    assert seen == [1, 2, 3, 4, 5]


def _guess(shop: Shop, number: int, ready: Any) -> str:
    ready.wait()
    answers = [
        shop.members.verify(m.VerifyContact(key=f"g-{number}-{n}", by=ANN, member_id="ann", contact="c1", code=f"x{number}{n}")) for n in range(3)
    ]
    return " ".join(refused(answer) for answer in answers)


def test_sixteen_threads_that_guess_at_once_are_told_of_no_more_than_so_many_attempts(tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    mall = Mall(storage, ways=VAULTED)
    registered(mall)
    ready = Barrier(16)
    with ThreadPoolExecutor(16) as pool:
        told = " ".join(pool.map(lambda number: _guess(mall.shop, number, ready), range(16))).split()
    assert (told.count("code_wrong"), told.count("code_attempts")) == (RULES.attempts, 48 - RULES.attempts)
    assert the_code(mall).attempts == RULES.attempts
    storage.close()


def _guessing_process(open_storage: Opener, folder: Path, number: int, ready: Any) -> None:
    storage = open_storage()
    shop = Shop(storage, vault=VAULT, clock=FrozenClock(START))
    (folder / str(number)).write_text(_guess(shop, number, ready), encoding="utf-8")
    storage.close()


@pytest.mark.parametrize(
    ("count", "where"), [(4, "sqlite"), pytest.param(16, "sqlite", marks=pytest.mark.full), pytest.param(16, "postgres", marks=pytest.mark.full)]
)
def test_processes_that_guess_at_once_are_told_of_no_more_than_so_many_attempts(
    count: int, where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    open_storage = opener(where, tmp_path, request)
    storage = open_storage()
    mall = Mall(storage, ways=VAULTED)
    registered(mall)
    race(_guessing_process, count, open_storage, tmp_path)
    told = " ".join((tmp_path / str(number)).read_text(encoding="utf-8") for number in range(count)).split()
    assert (told.count("code_wrong"), told.count("code_attempts")) == (RULES.attempts, 3 * count - RULES.attempts)
    assert the_code(mall).attempts == RULES.attempts
    storage.close()


# Races


@pytest.mark.parametrize("commit", [1, 2])
def test_of_two_right_answers_at_once_exactly_one_wins(mall: Mall, commit: int) -> None:
    registered(mall)
    storage, heard = Interrupted(mall.storage), []
    shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]  # it answers as a storage does
    storage.before_commit(commit, lambda: heard.append(mall.shop.members.verify(verifying(mall, key="other"))))
    assert refused(shop.members.verify(verifying(mall))) == "code_used"
    assert isinstance(heard[0], Member)
    assert accepted(mall.shop.members.get("ann")).event_count == 2


def test_the_same_right_answer_sent_twice_at_once_wins_twice(mall: Mall) -> None:
    registered(mall)
    for commit in (1, 2):
        storage, heard = Interrupted(mall.storage), []
        shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]
        storage.before_commit(commit, lambda: heard.append(mall.shop.members.verify(verifying(mall))))  # noqa: B023  # called in this round
        answer = shop.members.verify(verifying(mall))
        assert answer == accepted(mall.shop.members.get("ann"))
    assert accepted(mall.shop.members.get("ann")).event_count == 2


def test_of_two_members_who_show_one_contact_at_once_one_has_it_and_the_other_is_told(mall: Mall) -> None:
    registered(mall)
    mall.clock.advance(RULES.pause)
    registered(mall, key="eve", member_id="eve")
    first, second = (dict(it.facts)["code"] for it in mall.post.delivered.values())
    storage, heard = Interrupted(mall.storage), []
    shop = Shop(storage, vault=VAULT, clock=mall.clock)  # type: ignore[arg-type]
    storage.before_commit(2, lambda: heard.append(mall.shop.members.verify(verifying(mall, code=first))))
    assert refused(shop.members.verify(verifying(mall, key="eve's", member_id="eve", code=second))) == "contact_taken"
    assert isinstance(heard[0], Member)
    assert accepted(mall.shop.members.with_contact(Channel.EMAIL, EMAIL)).id == "ann"


# CODE-3: sending


def test_code_3_codes_to_one_contact_have_pauses_and_a_most_whoever_asks(mall: Mall) -> None:
    registered(mall)
    accepted(mall.shop.members.register(registering(key="eve", member_id="eve")))
    assert len(mall.post.delivered) == 1, "the second one comes too soon, and she is registered all the same"
    eve = sending("e", by=customer("eve"), member_id="eve")
    assert refused(mall.shop.members.send_code(eve)) == "code_too_soon"
    for number in range(RULES.sends - 1):
        mall.clock.advance(RULES.pause)
        accepted(mall.shop.members.send_code(sending(f"s{number}")))
    mall.clock.advance(RULES.pause)
    assert refused(mall.shop.members.send_code(eve)) == "code_sends"
    mall.clock.set(START + RULES.within)
    accepted(mall.shop.members.send_code(eve))


def test_two_who_ask_for_a_code_at_once_send_one(mall: Mall) -> None:
    registered(mall)
    mall.clock.advance(RULES.pause)
    storage, heard = Interrupted(mall.storage), []
    shop = Shop(storage, vault=VAULT, clock=mall.clock, notifier=mall.post)  # type: ignore[arg-type]
    storage.before_commit(1, lambda: heard.append(mall.shop.members.send_code(sending("other"))))
    assert refused(shop.members.send_code(sending())) == "code_too_soon"
    assert (len(mall.post.delivered), the_code(mall).serial) == (2, 2)


# CODE-4: what is kept


def test_code_4_neither_the_code_nor_the_contact_is_kept_in_the_open(tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    mall = Mall(storage, ways=VAULTED)
    verified(mall, phone="+49 30 901820")
    accepted(mall.shop.members.change_profile(of_ann(m.ChangeProfile, profile={"name": "Ann Doe-Unusual"})))
    code = mall.post.code()
    for path in tmp_path.iterdir():
        kept = path.read_bytes()
        for text in (code, EMAIL, EMAIL.lower(), "+4930901820", "Ann Lee", "1990-02-28", "02-28", "Ann Doe-Unusual"):
            assert text.encode() not in kept, (path.name, text)
    storage.close()
    shown = repr([mall.storage, *mall.post.delivered.values(), registering(), verifying(mall)])
    assert not [text for text in (code, EMAIL, "Ann Lee", "1990-02-28") if text in shown]


def test_a_code_is_made_from_what_only_the_vault_has(mall: Mall) -> None:
    registered(mall)
    code = the_code(mall)
    assert VAULT.lookups("code", code.told) != ROTATED.lookups("code", code.told)
    assert (code.master, mall.post.code() in repr(code)) == (OLD.id, False)


def test_a_code_that_was_sent_before_a_rotation_is_good_after_it_while_the_old_master_is_there(mall: Mall) -> None:
    registered(mall)
    mall.ways = {"vault": ROTATING}
    accepted(mall.reopened().members.verify(verifying(mall)))


# The notifier does not answer


@pytest.mark.parametrize(("trouble", "raised"), [("not_sent", NotSent), ("lost_applied", Indeterminate), ("lost_not_applied", Indeterminate)])
def test_a_code_that_may_not_have_gone_out_is_sent_again_under_its_key_and_told_once(mall: Mall, trouble: str, raised: type[Exception]) -> None:
    mall.post.troubles.append(trouble)
    with pytest.raises(raised):
        registered(mall)
    assert [it.value.id for it in mall.storage.find(Query(Member)).items] == ["ann"]
    registered(mall)
    assert (len(mall.post.delivered), the_code(mall).serial) == (1, 1)
    accepted(mall.shop.members.verify(verifying(mall)))


def test_a_code_that_was_used_is_not_sent_again(mall: Mall) -> None:
    verified(mall)
    mall.post.delivered.clear()
    registered(mall)
    assert mall.post.delivered == {}


def test_the_rules_of_codes_are_the_shops(mall: Mall) -> None:
    mall.ways = {**VAULTED, "member_terms": MemberTerms(codes=CodeRules(digits=8, attempts=1, pause=timedelta(0), sends=2))}
    mall.reopened()
    registered(mall)
    assert len(mall.post.code()) == 8
    assert refused(mall.shop.members.verify(verifying(mall, code=wrong(mall)))) == "code_wrong"
    assert refused(mall.shop.members.verify(verifying(mall, key="next"))) == "code_attempts"
    accepted(mall.shop.members.send_code(sending()))
    assert refused(mall.shop.members.send_code(sending("third"))) == "code_sends"


def test_a_clock_that_goes_back_sends_no_more_codes_than_one_that_does_not(mall: Mall) -> None:
    registered(mall)
    mall.clock.advance(-timedelta(hours=2))
    assert refused(mall.shop.members.send_code(sending())) == "code_too_soon"
    assert len(mall.storage.find(Query(SentCodes)).items[0].value.times) == 1
