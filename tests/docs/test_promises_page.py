"""The page of promises is the promises, and each test of the kit stands for one."""

from __future__ import annotations

from shopwright.testing import GatewayContract
from tests.docs import promises


def test_the_page_of_promises_is_made_from_the_kit():
    assert promises.PAGE.read_text(encoding="utf-8") == promises.page(), f"run {promises.COMMAND}"


def test_each_test_of_the_kit_stands_for_one_promise():
    tests = [name for name in dir(GatewayContract) if name.startswith("test_")]
    assert [name for name in tests if not hasattr(getattr(GatewayContract, name), "gateway_promise")] == []
    assert [number for number in promises.PROMISES if not promises.checks_of(number)] == [17]
