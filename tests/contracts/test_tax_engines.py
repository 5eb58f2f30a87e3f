"""The fake tax engine keeps the contract of the port, and a kit that every engine passes proves nothing: each of these breaks one promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.errors import Outage
from shopwright.payments.errors import NotSent
from shopwright.pricing.tax_amounts import RateTax, TaxAssessment, Taxed, TaxedLine
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable
from shopwright.refusals import Refusal
from shopwright.testing import FakeTaxEngine, TaxEngineContract, TaxStage

VAT, LOW, STATE, CITY = TaxRate("VAT", "19 %"), TaxRate("LOW", "7 %"), TaxRate("NY", "0.04"), TaxRate("NYC", "0.04875")
PLACES = (TaxPlace("DE"), TaxPlace("US", "US-NY"))
TABLE = TaxTable(
    "rates",
    (
        TaxRule("standard", Ruling((VAT,)), PLACES[0]),
        TaxRule("low", Ruling((LOW,)), PLACES[0]),
        TaxRule("standard", Ruling((STATE, CITY)), PLACES[1]),
        TaxRule("low", Ruling((STATE,)), PLACES[1]),
    ),
)


class FakeStage:
    """The fake engine, or one made from it."""

    classes, places, currency, secrets = ("standard", "low"), PLACES, "EUR", ("key_1234",)

    def __init__(self, make: Callable[[TaxTable], Any] = FakeTaxEngine) -> None:
        self._make = make
        self.engine = make(TABLE)

    def again(self) -> Any:
        return self._make(TABLE)

    def strike(self, trouble: Trouble) -> None:
        self.engine.strike(trouble)


class TestTheFakeEngine(TaxEngineContract):
    def make_engine(self) -> TaxStage:
        return FakeStage()


class ShoutsItsName(FakeTaxEngine):
    name = "MY TAXES"


class IsOfAnotherRelease(FakeTaxEngine):
    api_version = 99


class ShowsItsKey(FakeTaxEngine):
    def __repr__(self) -> str:
        return "ShowsItsKey(key='key_1234')"


class LeavesOutTheLastLine(FakeTaxEngine):
    def assess(self, request, *, deadline):
        answer = super().assess(request, deadline=deadline)
        return evolve(answer, lines=answer.lines[:-1]) if isinstance(answer, TaxAssessment) else answer


class TaxesWhatIsFree(FakeTaxEngine):
    def assess(self, request, *, deadline):
        answer = super().assess(request, deadline=deadline)
        return answer if isinstance(answer, Refusal) else evolve(answer, lines=tuple(map(self._worse, answer.lines)))

    def _worse(self, line: TaxedLine) -> TaxedLine:
        return line if line.goods.gross else evolve(line, goods=Taxed(0, (RateTax(VAT, 1),)))


class CountsItsRequests(FakeTaxEngine):
    def assess(self, request, *, deadline):
        answer = super().assess(request, deadline=deadline)
        return answer if isinstance(answer, Refusal) else evolve(answer, version=len(self.asked))


class NumbersLinesAnew(FakeTaxEngine):
    def assess(self, request, *, deadline):
        if any(line.line_no > 99 for line in request.lines):
            request = evolve(request, lines=tuple(evolve(line, amount=line.amount + 100) for line in request.lines))
        return super().assess(request, deadline=deadline)


class RaisesForUnknownClasses(FakeTaxEngine):
    def assess(self, request, *, deadline):
        answer = super().assess(request, deadline=deadline)
        if isinstance(answer, Refusal):
            raise NotSent(answer.message)
        return answer


class CallsALostAnswerNotSent(FakeTaxEngine):
    def assess(self, request, *, deadline):
        try:
            return super().assess(request, deadline=deadline)
        except Outage as error:
            raise NotSent(str(error)) from error


class HasAllTheTime(FakeTaxEngine):
    def assess(self, request, *, deadline):
        return super().assess(request, deadline=abs(deadline) + deadline.resolution)


BROKEN = (
    (ShoutsItsName, "test_the_name_is_a_slug_and_the_port_version_is_ours"),
    (IsOfAnotherRelease, "test_the_name_is_a_slug_and_the_port_version_is_ours"),
    (ShowsItsKey, "test_nothing_that_is_printed_shows_a_secret"),
    (LeavesOutTheLastLine, "test_every_line_is_answered_at_the_amounts_that_were_asked"),
    (TaxesWhatIsFree, "test_net_and_taxes_are_what_is_paid_and_nothing_is_taken_of_nothing"),
    (CountsItsRequests, "test_to_ask_twice_is_to_ask_once"),
    (NumbersLinesAnew, "test_what_a_line_is_numbered_changes_no_tax"),
    (RaisesForUnknownClasses, "test_a_class_that_nobody_knows_is_refused_and_no_exception"),
    (CallsALostAnswerNotSent, "test_a_request_in_trouble_is_an_outage_and_the_next_one_is_answered"),
    (HasAllTheTime, "test_no_time_at_all_is_no_answer"),
)


@pytest.mark.parametrize(("broken", "test"), BROKEN, ids=lambda it: getattr(it, "__name__", None))
def test_an_engine_that_breaks_a_promise_fails_the_test_of_it(broken: type[FakeTaxEngine], test: str) -> None:
    class Kit(TaxEngineContract):
        def make_engine(self) -> TaxStage:
            return FakeStage(broken)

    more = {"trouble": Trouble.LOST_APPLIED} if "trouble" in test else {}
    with pytest.raises((AssertionError, Outage, pytest.fail.Exception)):
        getattr(Kit(), test)(**more)


def test_a_kit_without_an_engine_says_what_to_override() -> None:
    with pytest.raises(NotImplementedError, match="TaxEngineContract must override make_engine"):
        TaxEngineContract().make_engine()
