"""What a carrier says about itself and about prices."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayError
from shopwright.ports.carrier import API_VERSION, Carrier
from shopwright.testing.carrier_contract.stage import SOON, CarrierStage, a_parcel, a_rate, needs


class Quotes:
    """Names, rates and problems."""

    def test_the_name_is_a_slug_and_the_port_version_is_ours(self, stage: CarrierStage) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", stage.carrier.name)
        assert stage.carrier.api_version == API_VERSION

    def test_the_adapter_is_a_carrier_and_stays_the_same_after_a_restart(self, stage: CarrierStage) -> None:
        again = stage.again()
        assert isinstance(stage.carrier, Carrier)
        assert (again.name, again.capabilities) == (stage.carrier.name, stage.carrier.capabilities)

    def test_nothing_that_is_printed_shows_a_secret(self, stage: CarrierStage) -> None:
        printed = repr(stage.carrier) + repr(getattr(stage.carrier, "settings", ""))
        assert [secret for secret in stage.secrets if secret in printed] == []

    @needs("quote")
    def test_the_same_request_gets_the_same_rates(self, stage: CarrierStage) -> None:
        request = stage.request(a_parcel())
        first = stage.carrier.quote(request, deadline=SOON)
        assert first.rates
        assert stage.again().quote(request, deadline=SOON) == first

    @needs("quote")
    def test_rates_are_of_this_carrier_in_one_currency_and_cheapest_first(self, stage: CarrierStage) -> None:
        rates = stage.carrier.quote(stage.request(a_parcel()), deadline=SOON).rates
        assert {rate.carrier for rate in rates} == {stage.carrier.name}
        assert [rate.total for rate in rates] == sorted(rate.total for rate in rates)

    @needs("quote")
    def test_a_parcel_may_weigh_the_most_and_not_a_gram_more(self, stage: CarrierStage) -> None:
        most = stage.carrier.capabilities.max_weight_g
        if most is None:
            return
        assert stage.carrier.quote(stage.request(a_parcel(most)), deadline=SOON).rates
        heavy = stage.carrier.quote(stage.request(a_parcel(most + 1)), deadline=SOON)
        assert (heavy.rates, {problem.retryable for problem in heavy.problems}) == ((), {False})

    @needs("quote")
    def test_the_greater_of_weight_and_volume_is_billed(self, stage: CarrierStage) -> None:
        divisor = stage.carrier.capabilities.volumetric_divisor
        volume_g = a_parcel(side_mm=300).billed_g(divisor) if divisor is not None else 1_000
        for weight_g in (volume_g - 1, volume_g, volume_g + 1):
            rate = a_rate(stage, stage.request(a_parcel(weight_g, side_mm=300)))
            assert rate.billed_weight_g == (weight_g if divisor is None else max(volume_g, weight_g))

    @needs("quote")
    def test_a_country_that_is_not_served_is_a_problem_and_no_exception(self, stage: CarrierStage) -> None:
        countries = stage.carrier.capabilities.countries
        if countries is None:
            return
        request = stage.request(a_parcel())
        foreign = next(code for code in ("AQ", "DE", "JP") if code not in countries)
        quote = stage.carrier.quote(evolve(request, destination=evolve(request.destination, country=foreign)), deadline=SOON)
        assert (quote.rates, len(quote.problems)) == ((), 1)

    @needs("quote")
    def test_no_time_at_all_is_a_problem_that_later_may_go_away(self, stage: CarrierStage) -> None:
        quote = stage.carrier.quote(stage.request(a_parcel()), deadline=timedelta(0))
        assert (quote.rates, {problem.retryable for problem in quote.problems}) == ((), {True})

    @needs("quote")
    def test_a_currency_or_service_that_is_not_offered_gets_no_rate_in_another(self, stage: CarrierStage) -> None:
        request = stage.request(a_parcel())
        foreign = "JPY" if a_rate(stage, request).total.currency != "JPY" else "KWD"
        in_foreign = stage.carrier.quote(evolve(request, currency=foreign), deadline=SOON)
        assert {rate.total.currency for rate in in_foreign.rates} <= {foreign}
        by_nobody = stage.carrier.quote(evolve(request, services=("no_such_service",)), deadline=SOON)
        assert (by_nobody.rates, bool(by_nobody.problems)) == ((), True)

    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs("quote")
    def test_a_quote_in_trouble_is_an_outage_or_a_retryable_problem(self, stage: CarrierStage, trouble: Trouble) -> None:
        stage.strike(trouble)
        try:
            quote = stage.carrier.quote(stage.request(a_parcel()), deadline=SOON)
        except GatewayError:
            quote = stage.carrier.quote(stage.request(a_parcel()), deadline=SOON)
            assert quote.rates
        else:
            assert {problem.retryable for problem in quote.problems} == {True}
