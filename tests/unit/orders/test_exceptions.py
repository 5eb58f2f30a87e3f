"""The table of exceptions, and what becomes of one: noted, taken on, resolved."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shopwright import accepted
from shopwright.members.actors import SYSTEM
from shopwright.orders import events as e
from shopwright.orders import excepting
from shopwright.orders.evolve import evolve
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.exception_events import ExceptionAssigned, ExceptionResolved, How
from shopwright.orders.exceptions import EXCEPTIONS, MEANINGS, ExceptionKind, meaning_of
from shopwright.orders.order import Order
from shopwright.payments.events import PaymentVerb
from shopwright.refusals import Refusal
from shopwright.testing.builders import CLERK, NOON, an_order, paid
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS, ORDER
from tests.architecture.source import modules
from tests.docs import exceptions as page
from tests.flows.verbs import VERBS

DAY = timedelta(days=1)


def noted(*codes: str) -> Order:
    order = paid(an_order())
    for code in codes:
        order = excepting.note(order, code, (("about", code),), at=NOON).order
    return order


def said_codes() -> Iterator[tuple[str, str]]:
    """Every code that a module of the package notes: written out, under a name, or told by what begins with `payment_` beside it."""
    for module in modules():
        calls = [it for it in ast.walk(module.tree) if isinstance(it, ast.Call) and ast.unparse(it.func).rpartition(".")[2] == "ExceptionNoted"]
        names: dict[str, Any] = vars(importlib.import_module(f"shopwright.{module.name}")) if calls else {}
        for call in calls:
            code = next(it.value for it in call.keywords if it.arg == "code")
            yield from ((module.name, it) for it in _values(code, names, module.tree))


def _values(code: ast.expr, names: dict[str, Any], tree: ast.AST) -> list[str]:
    match code:
        case ast.Constant(value=str() as value):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return [*_values(one, names, tree), *_values(other, names, tree)]
        case ast.JoinedStr():
            assert ast.unparse(code) == "f'{event.verb}_failed'"
            return [f"{verb.value}_failed" for verb in PaymentVerb]
        case ast.Name(id=name) if name in names:
            return [names[name]]
        case _:
            found = [value for name, value in names.items() if name in {"OPENED", "LOST"}]
            return found or [it.value for it in ast.walk(tree) if isinstance(it, ast.Constant) and str(it.value).startswith("payment_")]


def test_every_code_that_the_package_notes_has_its_line() -> None:
    """EXCEPT-1"""
    said = {(module, code) for module, code in said_codes() if module != "orders.excepting"}
    assert len(said) >= 15
    assert {(module, code) for module, code in said if code not in MEANINGS} == set()


def test_a_code_of_a_host_is_other_and_ends_in_any_way_that_a_person_may_say() -> None:
    """EXCEPT-1"""
    line = meaning_of("moon_is_full")
    assert (line.code, line.kind, line.ends) == ("moon_is_full", ExceptionKind.OTHER, set(How) - {How.BY_ITSELF, How.ON_RECORD})


def test_no_line_lets_a_person_say_what_is_the_shops_to_say() -> None:
    assert [it.code for it in EXCEPTIONS if it.ends & {How.BY_ITSELF, How.ON_RECORD}] == []
    assert len(MEANINGS) == len(EXCEPTIONS)


def test_what_is_suggested_are_public_verbs_of_a_shop() -> None:
    verbs = {str(verb) for verb in VERBS}
    assert {verb for it in EXCEPTIONS for verb in it.suggests} - verbs == set()


def test_the_page_of_exceptions_is_as_the_table_is() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), f"write it anew: {page.COMMAND}"


def test_what_is_on_record_is_resolved_the_moment_it_is_noted() -> None:
    """EXCEPT-2"""
    after = excepting.note(paid(an_order()), "odd_date", (), at=NOON, on_record=True).order
    assert after.exceptions == (ExceptionNote("odd_date", (), NOON, resolved_at=NOON, how=How.ON_RECORD),)
    assert (after.open_exceptions, excepting.exception_since(after)) == ((), None)


def test_the_same_is_noted_once_while_it_is_open_and_anew_after_that() -> None:
    """EXCEPT-3"""
    order = noted("late")
    assert excepting.note(order, "late", (("about", "late"),), at=NOON + DAY).events == ()
    done = accepted(excepting.resolve(order, 1, how=How.DELIVERED, by=CLERK, at=NOON)).order
    again = excepting.note(done, "late", (("about", "late"),), at=NOON + DAY).order
    assert [(number, note.at) for number, note in again.open_exceptions] == [(2, NOON + DAY)]
    other = excepting.note(order, "late", (("about", "more"),), at=NOON).order
    assert [number for number, _ in other.open_exceptions] == [1, 2]


def test_an_exception_is_taken_on_given_back_and_resolved_once() -> None:
    """EXCEPT-4"""
    order = noted("late", "parcel_lost")
    mine = accepted(excepting.assign(order, 2, owner="eve", by=CLERK, at=NOON))
    assert mine.events == (ExceptionAssigned(exception=2, owner="eve", by=CLERK, at=NOON),)
    assert accepted(excepting.assign(mine.order, 2, owner="eve", by=CLERK, at=NOON)).events == ()
    done = accepted(excepting.resolve(mine.order, 2, how=How.RESHIPPED, by=CLERK, at=NOON + DAY, note="on its way")).order
    assert done.exceptions[1] == ExceptionNote("parcel_lost", (("about", "parcel_lost"),), NOON, "eve", NOON + DAY, How.RESHIPPED)
    assert [number for number, _ in done.open_exceptions] == [1]
    for again in (excepting.resolve(done, 2, how=How.ACCEPTED, by=CLERK, at=NOON), excepting.assign(done, 2, owner="bob", by=CLERK, at=NOON)):
        facts = {"exception": 2, "how": "reshipped"}
        assert isinstance(again, Refusal)
        assert (again.code, dict(again.facts)) == ("exception_resolved", facts)


@pytest.mark.parametrize("how", [how for how in How if how not in MEANINGS["late"].ends])
def test_an_exception_ends_in_the_ways_of_its_code_alone(how: How) -> None:
    """EXCEPT-4"""
    refusal = excepting.resolve(noted("late"), 1, how=how, by=CLERK, at=NOON)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "resolution_unfit"


def test_an_exception_that_is_not_there_is_refused_by_verbs_and_passed_over_by_history() -> None:
    order = noted("late")
    refusal = excepting.assign(order, 2, owner="eve", by=CLERK, at=NOON)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "exception_unknown"
    after = evolve(order, ExceptionResolved(exception=7, how=How.ACCEPTED, by=SYSTEM, at=NOON))
    assert (after.exceptions, after.event_count) == (order.exceptions, order.event_count + 1)
    resolved = evolve(evolve(order, _resolved(How.ACCEPTED)), _resolved(How.DELIVERED))
    assert resolved.exceptions[0].how is How.ACCEPTED


def _resolved(how: How) -> ExceptionResolved:
    return ExceptionResolved(exception=1, how=how, by=SYSTEM, at=NOON)


def test_an_exception_that_was_stored_before_exceptions_had_an_end_is_open() -> None:
    codec, order = Codec(KINDS), noted("late")
    body = codec.dump(order)
    assert "resolved_at" not in body
    assert "on_record" not in codec.dump(e.ExceptionNoted(code="late", facts=(), at=NOON))
    assert codec.load(ORDER, 1, body).open_exceptions == order.open_exceptions
