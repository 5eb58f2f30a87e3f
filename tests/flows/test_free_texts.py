"""What people type into commands holds no number of a card, whatever the command; and nobody has forgotten to mark a text as typed."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest
from attrs import evolve, fields

from shopwright import Address, Refusal
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.free_texts import free_texts
from shopwright.flows.register import FLOWS
from shopwright.wire.kinds import KINDS
from tests.flows.mall import Mall, placed
from tests.flows.risk.scenes import JUDGING
from tests.flows.stages import unchanged
from tests.flows.vaulted import VAULTED
from tests.flows.verbs import COMMANDED, Verb, a_command

CARD = "6011-0009 9013.9424"
TYPED = [(verb, name) for verb in COMMANDED if verb.command for name in free_texts(verb.command)]


def with_card(given: Any) -> Any:
    """The same, with the number of a card in it."""
    match given:
        case Address():
            return evolve(given, lines=("1 Harbor Street", f"please charge {CARD}"))
        case tuple() if given and isinstance(given[0], str):
            return (*given, f"card {CARD}")
        case tuple():
            return (*given, ("remark", f"card {CARD}"))
        case _:
            return f"pay by {CARD}"


@pytest.mark.parametrize(("verb", "name"), [pytest.param(verb, name, id=f"{verb}.{name}") for verb, name in TYPED])
def test_the_number_of_a_card_is_refused_wherever_people_type_and_nothing_is_written(verb: Verb, name: str) -> None:
    """CARD-4"""
    mall = Mall(MemoryStorage(KINDS), ways={**VAULTED, **JUDGING})
    order = placed(mall.shop)
    command = a_command(verb.command, order_id=order.id)  # type: ignore[arg-type]  # only commanded verbs are typed into
    typed = {name: with_card(getattr(command, name))}
    answers: list[Any] = []

    unchanged(mall, lambda: answers.append(verb.of(mall.shop)(evolve(command, **typed))) or answers[-1], "card_number_given")

    assert answers == [Refusal("card_number_given", answers[0].message, {"field": f"{type(command).__name__}.{name}"})]
    assert not any(part in repr(answers) for part in ("6011", "9424"))


NOT_TYPED = {
    "key", "source", "reference", "return_url", "notify_url", "subject", "rule", "value", "zone", "contact", "email", "phone", "carrier",
    "about", "stream",
}
"""Texts that programs write, what else is read as something before it is kept, and references, which CARD-1 is about; ids are none either."""

SHORT = 100
"""Nobody types sentences into less."""


def texts_of(command: Any) -> set[str]:
    """The fields of a command that take a long text."""
    return {it.name for it in fields(type(command)) if isinstance(getattr(command, it.name), str) and _takes(command, it.name)}


def _takes(command: Any, name: str) -> bool:
    try:
        evolve(command, **{name: "words and words " * (SHORT // 10)})
    except Exception:
        return False
    return True


@pytest.mark.parametrize("verb", COMMANDED, ids=str)
def test_every_long_text_of_a_command_is_marked_as_typed_or_is_known_to_be_none(verb: Verb) -> None:
    """CARD-4"""
    command = a_command(verb.command)  # type: ignore[arg-type]
    typed = {name for name in texts_of(command) - NOT_TYPED if not name.endswith("_id")}
    assert typed - set(free_texts(type(command))) == set()


def test_every_flow_into_which_people_type_can_refuse() -> None:
    for flow in FLOWS:
        hints = get_type_hints(flow)
        if free_texts(hints.get("command", object)):
            assert "Refusal" in str(hints["return"]), flow
