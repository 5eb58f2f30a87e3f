"""All checks of a kit against one gateway, without pytest around them: which of them fail."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from shopwright.testing import GatewayContract
from shopwright.testing.gateway_contract import GatewayStage


def failing(kit: GatewayContract) -> set[str]:
    """The names of the checks that fail for the gateways that this kit makes; what its stage cannot do is passed over."""
    return {name for name in dir(kit) if name.startswith("test_") for facts in _facts(getattr(kit, name)) if _fails(kit, name, facts)}


def _facts(check: Any) -> Iterator[dict[str, Any]]:
    """Every combination of what the check is parametrized with."""
    marks = [mark for mark in getattr(check, "pytestmark", ()) if mark.name == "parametrize"]
    for chosen in product(*(mark.args[1] for mark in marks)):
        yield {mark.args[0]: value for mark, value in zip(marks, chosen, strict=True)}


def _fails(kit: GatewayContract, name: str, facts: dict[str, Any]) -> bool:
    check = getattr(kit, name)
    stage: dict[str, GatewayStage] = {"stage": kit.make_gateway()} if "stage" in inspect.signature(check).parameters else {}
    try:
        check(**stage, **facts)
    except pytest.skip.Exception:
        return False
    except (Exception, pytest.fail.Exception):
        return True
    return False
