"""Every public verb of a shop, given what it should not be given: a documented refusal or exception, and nothing is written, half or whole.

The verbs are found by introspection: a new one without a bad case of its own fails the test.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from shopwright import Money, Order, PutProduct, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import IllegalTransition, InvalidValue, KeyConflict
from shopwright.flows.commands import OrderCommand, ShipmentCommand
from shopwright.returns.case import Case
from shopwright.wire.kinds import KINDS
from tests.flows.bad_cases import CASES, Bad, a_notification
from tests.flows.credited import CREDITED
from tests.flows.mall import CLERK, START, Mall, an_order, paid, placed
from tests.flows.risk.scenes import JUDGING
from tests.flows.stages import STAGES, assert_legal, unchanged, world
from tests.flows.vaulted import VAULTED
from tests.flows.verbs import COMMANDED, VERBS, Verb, a_command
from tests.surroundings import tries


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways={**VAULTED, **JUDGING, **CREDITED})


@pytest.mark.parametrize("wrong", [None, {}, "place", 7, PutProduct], ids=lambda wrong: type(wrong).__name__)
@pytest.mark.parametrize("verb", COMMANDED, ids=str)
def test_what_is_no_command_is_refused(mall: Mall, verb: Verb, wrong: Any) -> None:
    unchanged(mall, lambda: verb.of(mall.shop)(wrong), InvalidValue, f"expected a {verb.command.__name__}, got ")  # type: ignore[union-attr]


SOME = tries(6, full=1)
"""In the usual run each verb is given every sixth of the commands of others, in the full one all of them."""


@pytest.mark.parametrize("verb", COMMANDED, ids=str)
def test_the_command_of_another_verb_is_refused(mall: Mall, verb: Verb) -> None:
    order = placed(mall.shop)
    for other in COMMANDED[COMMANDED.index(verb) % SOME :: SOME]:
        if other.command is not verb.command and other.command is not None:
            command = a_command(other.command, order_id=order.id)
            unchanged(mall, lambda command=command: verb.of(mall.shop)(command), InvalidValue, "expected a ")


NO_TIMES = (START.replace(tzinfo=None), "now", START.date(), 0, datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC))


@pytest.mark.parametrize("at", NO_TIMES, ids=str)
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.takes_time], ids=str)
def test_a_time_without_a_zone_or_out_of_this_world_is_refused(mall: Mall, verb: Verb, at: Any) -> None:
    order = placed(mall.shop)
    given: dict[str, tuple[Any, ...]] = {
        "relay": ("mailer", print),
        "tell": ("erp",),
        "receive": ("fake", a_notification()),
        "reconcile_payouts": ("fake", START, START.replace(year=2027)),
        "reconcile": ("fake", START, START.replace(year=2027)),
        "stock": (["TEA"],),
        "shelf": (["TEA"],),
        "sweep": (),
        "rotate": (),
        "refile": (),
        "rebuild": (),
        "refresh": (["pot"],),
        "bring_in": ((),),
        "follow": (),
        "everyone": (),
        "forget": (),
        "follow_referrals": (),
        "sweep_referrals": (),
        "remind": (),
        "get": ("ann",),
        "history": ("ann",),
        "balance": ("points/ann",),
        "expiring": ("points/ann",),
        "expire": (),
        "export": ("ann",),
        "rehash": (),
        "standings": (["TEA"],),
        "waiting": ("hamburg", "TEA"),
        "fill": (),
        "match": ("bank", []),
        "credit.balance": ("ann", "EUR"),
        "find_card": ("GIFT",),
        "inbox": (),
        "open": ("tea",),
        "sweep_late": (),
        "follow_cards": (),
        "card_tender": ("GIFT", Money(1, "EUR")),
    }
    args = given.get(str(verb)) or given[verb.name] if verb.command is None else (a_command(verb.command, order_id=order.id),)
    by = {"by": CLERK}
    card = {"find_card": {"subject": "x"}, "card_tender": {"subject": "x", "buyer_id": "ann"}}
    named = {"shelf": {"currency": "EUR"}, "bring_in": {"form": "csv", "key": "k"}, "export": by, "match": by, "open": by, **card}.get(verb.name, {})

    unchanged(mall, lambda: verb.of(mall.shop)(*args, **named, at=at), InvalidValue, "at must be")


ABOUT_ORDERS = [verb for verb in COMMANDED if verb.command and issubclass(verb.command, OrderCommand)]


@pytest.mark.parametrize("verb", ABOUT_ORDERS, ids=str)
def test_an_order_that_is_not_there_or_is_somebody_elses_is_not_found(mall: Mall, verb: Verb) -> None:
    order = paid(mall.shop)
    for order_id in ("0" * 26, "x", "李雷", order.id.lower(), "x" * 200):
        unchanged(mall, lambda order_id=order_id: verb.of(mall.shop)(a_command(verb.command, order_id=order_id)), "order_not_found")  # type: ignore[arg-type]
    theirs = evolve(a_command(verb.command, order_id=order.id), by=customer("bob"))  # type: ignore[arg-type]
    unchanged(mall, lambda: verb.of(mall.shop)(theirs), "order_not_found")


@pytest.mark.parametrize("verb", [verb for verb in ABOUT_ORDERS if issubclass(verb.command, ShipmentCommand)], ids=str)  # type: ignore[arg-type]
def test_a_shipment_that_is_not_there_is_unknown(mall: Mall, verb: Verb) -> None:
    order = paid(mall.shop)

    unchanged(mall, lambda: verb.of(mall.shop)(a_command(verb.command, order_id=order.id)), "shipment_unknown")  # type: ignore[arg-type]


WRITES_NOTHING_ITSELF = {
    "loyalty.offer",
    "orders.preview_edit",
    "orders.quote",
    "orders.why_not",
    "payments.plan_refund",
    "payments.refresh",
    "returns.preview",
    "returns.track",
    "shipping.track",
}
"""They ask, and take in what they are told; the key of such a command is never used up."""


@pytest.mark.parametrize("verb", [verb for verb in COMMANDED if str(verb) not in WRITES_NOTHING_ITSELF], ids=str)
def test_a_key_that_served_another_command_is_a_conflict_whatever_the_verb(mall: Mall, verb: Verb) -> None:
    order = paid(mall.shop)
    command = a_command(verb.command, order_id=order.id, key="receive-CUP")  # type: ignore[arg-type]

    unchanged(mall, lambda: verb.of(mall.shop)(command), KeyConflict)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("verb", ABOUT_ORDERS, ids=str)
def test_at_every_stage_a_verb_answers_refuses_or_says_what_is_allowed(mall: Mall, verb: Verb, stage: str) -> None:
    order = STAGES[stage](mall)
    command = a_command(verb.command, order_id=order.id)  # type: ignore[arg-type]
    before = world(mall)

    try:
        answer = verb.of(mall.shop)(command)
    except IllegalTransition as error:
        answer = error
    if isinstance(answer, IllegalTransition):
        assert str(answer).startswith(f"cannot {answer.verb} {answer.subject} that is {answer.state}; allowed: ")
        assert answer.verb not in answer.allowed
    if not isinstance(answer, Order | Case):
        assert world(mall) == before
    assert_legal(mall, accepted(mall.shop.orders.get(order.id)))


def test_every_verb_has_a_bad_case_of_its_own() -> None:
    assert {str(verb) for verb in VERBS} - set(CASES) == set()
    assert set(CASES) - {str(verb) for verb in VERBS} == set()


@pytest.mark.parametrize(("verb", "bad"), [pytest.param(verb, bad, id=f"{verb}: {bad.name}") for verb, cases in CASES.items() for bad in cases])
def test_what_is_wrong_is_refused_and_nothing_is_written(mall: Mall, verb: str, bad: Bad) -> None:
    stage, colon, _ = bad.name.partition(": ")
    if colon:
        STAGES[stage](mall)
    elif bad.before is not None:
        bad.before(mall)
    else:
        placed(mall.shop, an_order(key="before"))

    unchanged(mall, lambda: bad.act(mall), bad.expected, bad.match)
