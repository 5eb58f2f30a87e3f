"""Plug-ins hear what has happened, and none can harm the shop or another."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint

import pytest
from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.plugins import Plugins, hookimpl
from shopwright.ports.kinds import Kind
from shopwright.wire.kinds import KINDS


@frozen
class Wish:
    sku: str


class Ear:
    def __init__(self) -> None:
        self.heard: list[tuple[str, tuple[object, ...]]] = []

    @hookimpl
    def shopwright_observe_events(self, order_id: str, events: Sequence[object]) -> None:
        self.heard.append((order_id, tuple(events)))


class Deaf:
    @hookimpl
    def shopwright_observe_events(self, order_id: str) -> None:
        raise RuntimeError(f"cannot hear of {order_id}")


class Wishes:
    @hookimpl
    def shopwright_register_kinds(self) -> tuple[Kind[Wish], ...]:
        return (Kind("wish", Wish),)


def test_every_plugin_hears_the_events_and_one_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    first, last = Ear(), Ear()
    plugins = Plugins(first, Deaf(), last)

    logging.getLogger("shopwright.plugins").disabled = False  # a framework that another test sets up may have switched it off
    with caplog.at_level(logging.ERROR, "shopwright.plugins"):
        plugins.heard("o1", ("placed", "paid"))

    assert (first.heard, last.heard) == ([("o1", ("placed", "paid"))], [("o1", ("placed", "paid"))])
    assert [record.getMessage().endswith("failed to observe events of order o1") for record in caplog.records] == [True]


def test_a_plugin_adds_kinds_to_those_of_the_core() -> None:
    assert Plugins(Wishes()).kinds(KINDS).document(Wish).name == "wish"


def test_two_plugins_with_one_kind_are_refused() -> None:
    with pytest.raises(InvalidValue, match="registered twice: wish"):
        Plugins(Wishes(), Wishes()).kinds(KINDS)


def test_a_hook_with_an_argument_that_its_spec_lacks_is_refused_by_name() -> None:
    class Wrong:
        @hookimpl
        def shopwright_observe_events(self, order: str) -> None:
            raise AssertionError(order)

    with pytest.raises(InvalidValue, match=r"cannot register plug-in(?s:.)*order"):
        Plugins(Wrong())


def test_a_plugin_that_cannot_be_loaded_is_told_and_left_out() -> None:
    point = EntryPoint("lost", "no_such_distribution", "shopwright.plugins")

    plugins = Plugins().load(points=(point,))

    assert [(one.name, one.error) for one in plugins.broken] == [("lost", "ModuleNotFoundError: No module named 'no_such_distribution'")]
