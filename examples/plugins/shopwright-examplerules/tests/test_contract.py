"""The condition and the effect keep the contracts that Shopwright holds its own to."""

from __future__ import annotations

from shopwright.money import Money
from shopwright.promotions.conditions import Condition
from shopwright.promotions.effects import Effect
from shopwright.promotions.matching import Named
from shopwright.testing import ConditionContract, EffectContract

from shopwright_examplerules import FromBrands, RoundDown


class TestFromBrands(ConditionContract):
    def conditions(self) -> tuple[Condition, ...]:
        return FromBrands({"acme", "ubu", "nobody"}), FromBrands("acme", least=1), FromBrands({"acme", "ubu"}, least=3)


class TestRoundDown(EffectContract):
    def effects(self) -> tuple[Effect, ...]:
        return RoundDown(Money(100, "EUR")), RoundDown((Money(1_000, "EUR"), Money(500, "JPY")), Named("sku", "tea"))
