"""Malls with a growth program, and what their members have: what tests of it begin with."""

from __future__ import annotations

from typing import Any, TypeVar

from shopwright import Shop
from shopwright.adapters.memory import MemoryStorage
from shopwright.loyalty.account import Account
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.naming import account_id
from shopwright.ports.storage import START as BEGINNING
from shopwright.wire.growth_kinds import GROWTH
from shopwright.wire.kinds import KINDS
from tests.flows.grown import GROWN, Folk
from tests.flows.mall import Mall
from tests.flows.processes import Opener

T = TypeVar("T")


def a_mall(growth: Growth = GROWN, **ways: Any) -> Mall:
    return Mall(MemoryStorage(KINDS), ways={"growth": growth, **ways})


def points(mall: Mall, member_id: str) -> int:
    stored = mall.storage.load(Account, account_id(member_id))
    return 0 if stored is None else stored.value.points


def told(mall: Mall, kind: type[T]) -> list[T]:
    return [it.value for it in mall.storage.read(GROWTH, after=BEGINNING, limit=500) if isinstance(it.value, kind)]


def a_shop(open_: Opener) -> Shop:
    return Shop(open_(), growth=GROWN, people=Folk())
