"""The kit as one class, and the one method to override."""

from __future__ import annotations

import re

import pytest

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import Indeterminate, NotSent, Throttled
from shopwright.ports.outlets import Notice, Outlet
from shopwright.testing.outlet_contract.stage import Arrived, OutletStage, a_notice

_RAISED = {
    Trouble.NOT_SENT: NotSent,
    Trouble.THROTTLED: Throttled,
    Trouble.LOST_APPLIED: Indeterminate,
    Trouble.LOST_NOT_APPLIED: Indeterminate,
}

_BODIES = (b"{}", '{"title":"Tee für 李雷 🍵","lines":"a\\nb"}'.encode(), b'{"facts":"' + b"x" * 200_000 + b'"}')


def _as_arrived(notice: Notice) -> Arrived:
    return Arrived(notice.id, notice.key, notice.body)


class OutletContract:
    """Every promise of the outlet port. Inherit, override `make_outlet`, done."""

    def make_outlet(self) -> OutletStage:
        """An outlet that has told nothing yet."""
        raise NotImplementedError(f"{type(self).__name__} must override make_outlet and return an OutletStage")

    def test_the_name_is_a_slug_and_the_same_after_a_restart(self) -> None:
        stage = self.make_outlet()
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", stage.outlet.name)
        assert stage.again().name == stage.outlet.name

    def test_the_adapter_is_an_outlet(self) -> None:
        assert isinstance(self.make_outlet().outlet, Outlet)

    @pytest.mark.parametrize("body", _BODIES, ids=("empty", "many scripts", "large"))
    def test_a_notice_has_arrived_whole_when_send_returns(self, body: bytes) -> None:
        stage = self.make_outlet()
        notice = a_notice(body=body)
        stage.outlet.send(notice)
        assert list(stage.arrived()) == [_as_arrived(notice)]

    def test_notices_about_one_key_arrive_in_their_order(self) -> None:
        stage = self.make_outlet()
        notices = [a_notice(number, key=key) for number in range(1, 21) for key in ("one", "two", "李")]
        for notice in notices:
            stage.outlet.send(notice)
        for key in ("one", "two", "李"):
            assert [it.id for it in stage.arrived() if it.key == key] == [notice.id for notice in notices if notice.key == key]

    def test_a_notice_that_is_sent_again_has_the_id_of_the_first(self) -> None:
        stage = self.make_outlet()
        notice = a_notice()
        stage.outlet.send(notice)
        stage.again().send(notice)
        assert {it.id for it in stage.arrived()} == {notice.id}

    def test_what_arrived_is_there_for_another_process(self) -> None:
        stage = self.make_outlet()
        stage.outlet.send(a_notice(1))
        stage.again().send(a_notice(2))
        assert [it.id for it in stage.arrived()] == [a_notice(1).id, a_notice(2).id]

    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_a_notice_in_trouble_is_told_apart_and_arrives_when_it_is_sent_again(self, trouble: Trouble) -> None:
        stage = self.make_outlet()
        stage.strike(trouble)
        with pytest.raises(_RAISED[trouble]):
            stage.outlet.send(a_notice())
        if trouble in {Trouble.NOT_SENT, Trouble.THROTTLED}:
            assert list(stage.arrived()) == []
        stage.outlet.send(a_notice())
        assert {it.id for it in stage.arrived()} == {a_notice().id}
        stage.outlet.send(a_notice(2))
        assert stage.arrived()[-1].id == a_notice(2).id

    def test_nothing_that_is_printed_shows_a_secret(self) -> None:
        stage = self.make_outlet()
        printed = repr(stage.outlet) + repr(getattr(stage.outlet, "settings", ""))
        assert [secret for secret in stage.secrets if secret in printed] == []
