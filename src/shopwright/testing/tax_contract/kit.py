"""The kit as one class, and the one method to override."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import Indeterminate, NotSent, Throttled
from shopwright.ports.tax import API_VERSION, TaxEngine
from shopwright.pricing.tax import Prices, TaxLine, TaxRequest
from shopwright.pricing.tax_amounts import TaxAssessment
from shopwright.pricing.tax_trace import misfits
from shopwright.refusals import Refusal
from shopwright.testing.tax_contract.stage import SOON, TaxStage, a_request, requests

_RAISED = {
    Trouble.NOT_SENT: NotSent,
    Trouble.THROTTLED: Throttled,
    Trouble.LOST_APPLIED: Indeterminate,
    Trouble.LOST_NOT_APPLIED: Indeterminate,
}

_LAW = settings(max_examples=60, deadline=None, derandomize=True)


class TaxEngineContract:
    """Every promise of the tax port. Inherit, override `make_engine`, done."""

    def make_engine(self) -> TaxStage:
        """An engine at a provider that nobody has asked yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_engine and return a TaxStage")

    def test_the_name_is_a_slug_and_the_port_version_is_ours(self) -> None:
        engine = self.make_engine().engine
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", engine.name)
        assert engine.api_version == API_VERSION

    def test_the_adapter_is_an_engine_and_has_its_name_after_a_restart(self) -> None:
        stage = self.make_engine()
        assert isinstance(stage.engine, TaxEngine)
        assert stage.again().name == stage.engine.name

    def test_nothing_that_is_printed_shows_a_secret(self) -> None:
        stage = self.make_engine()
        printed = repr(stage.engine) + repr(getattr(stage.engine, "settings", ""))
        assert [secret for secret in stage.secrets if secret in printed] == []

    def test_every_line_is_answered_at_the_amounts_that_were_asked(self) -> None:
        @_LAW
        @given(st.data())
        def law(data: st.DataObject) -> None:
            stage = self.make_engine()
            request = data.draw(requests(stage))
            assert misfits(request, _answered(stage.engine, request)) == ()

        law()

    def test_net_and_taxes_are_what_is_paid_and_nothing_is_taken_of_nothing(self) -> None:
        @_LAW
        @given(st.data())
        def law(data: st.DataObject) -> None:
            stage = self.make_engine()
            request = data.draw(requests(stage))
            for line, answer in zip(request.lines, _answered(stage.engine, request).lines, strict=True):
                for amount, part in ((line.amount, answer.goods), (line.shipping, answer.shipping)):
                    assert part.gross == part.net + sum(each.tax for each in part.taxes)
                    assert amount or not part.gross
                    if request.policy.prices is Prices.INCLUSIVE:
                        assert part.gross == amount

        law()

    def test_to_ask_twice_is_to_ask_once(self) -> None:
        @_LAW
        @given(st.data())
        def law(data: st.DataObject) -> None:
            stage = self.make_engine()
            request = data.draw(requests(stage))
            first = _answered(stage.engine, request)
            assert stage.engine.assess(request, deadline=SOON) == first
            assert stage.again().assess(request, deadline=SOON) == first

        law()

    def test_what_a_line_is_numbered_changes_no_tax(self) -> None:
        @_LAW
        @given(st.data())
        def law(data: st.DataObject) -> None:
            stage = self.make_engine()
            request = data.draw(requests(stage))
            lines = tuple([TaxLine(line.line_no + 100, line.tax_class, line.amount, shipping=line.shipping) for line in request.lines])
            other = TaxRequest(
                request.currency, lines, place=request.place, policy=request.policy, at=request.at, city=request.city, postcode=request.postcode
            )
            one, moved = _answered(stage.engine, request), _answered(stage.engine, other)
            assert [line.line_no for line in moved.lines] == [line.line_no for line in lines]
            assert [(line.goods, line.shipping) for line in moved.lines] == [(line.goods, line.shipping) for line in one.lines]

        law()

    def test_a_class_that_nobody_knows_is_refused_and_no_exception(self) -> None:
        stage = self.make_engine()
        known = TaxLine(1, stage.classes[0], 100)
        answer = stage.engine.assess(a_request(stage, known, TaxLine(2, "no_such_class_anywhere", 100)), deadline=SOON)
        assert isinstance(answer, Refusal)
        assert answer.code in {"tax_class_unknown", "tax_rule_missing"}

    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_a_request_in_trouble_is_an_outage_and_the_next_one_is_answered(self, trouble: Trouble) -> None:
        stage = self.make_engine()
        expected = _answered(self.make_engine().engine, a_request(stage))
        stage.strike(trouble)
        with pytest.raises(_RAISED[trouble]):
            stage.engine.assess(a_request(stage), deadline=SOON)
        assert stage.engine.assess(a_request(stage), deadline=SOON) == expected

    def test_no_time_at_all_is_no_answer(self) -> None:
        stage = self.make_engine()
        with pytest.raises((Indeterminate, NotSent)):
            stage.engine.assess(a_request(stage), deadline=timedelta(0))


def _answered(engine: TaxEngine, request: TaxRequest) -> TaxAssessment:
    answer = engine.assess(request, deadline=SOON)
    assert isinstance(answer, TaxAssessment), f"{engine.name} refused a class and a place that its stage calls known: {answer}"
    return answer
