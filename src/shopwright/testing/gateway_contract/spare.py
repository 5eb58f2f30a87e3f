"""What a stage may have besides: what only some providers do. A stage that lacks one has the checks of it skipped, with the reason.

signs_answers: bool                                     the provider signs its answers, so that one that was changed can be told
acknowledged: tuple[Ack, Ack]                           what the provider's documents ask for: once an event is kept, and to get it again
weakened(raw) -> Sequence[RawNotification]              the same notification, vouched for in ways that the provider has given up, or never had
rolled() -> RolledKeys                                  gateways and notifications from while a key of the provider is replaced, and after
disputed(reference) -> str                              a buyer has disputed a payment: the provider's name of the dispute
decided(dispute) -> None                                the bank has decided that dispute
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from shopwright.payments.notifications import RawNotification
from shopwright.ports.gateway import PaymentGateway
from shopwright.testing.gateway_contract.stage import GatewayStage, cannot_stage


@frozen(kw_only=True)
class RolledKeys:
    """A key of the provider is replaced: `during` knows the old and the new one, `after` the new one alone; `old` and `new` are signed with each."""

    during: PaymentGateway
    after: PaymentGateway
    old: Sequence[RawNotification]
    new: Sequence[RawNotification]


def spare(stage: GatewayStage, name: str, case: str) -> Any:
    """What the stage has under this name; the test is skipped where it has nothing."""
    found = getattr(stage, name, None)
    if not found:
        cannot_stage(f"{case}: the stage has no `{name}`")
    return found
