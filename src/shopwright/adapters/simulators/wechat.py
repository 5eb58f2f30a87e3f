"""WeChat Pay as a simulation: a buyer who scans a code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from shopwright.adapters.simulators.face import Moved, Waiting, refuse_file, rerouted, written
from shopwright.adapters.simulators.ported import Ported
from shopwright.adapters.wechat import WechatGateway
from shopwright.adapters.wechat.messages import CURRENCY
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.money import Money
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow
from shopwright.payments.outcomes import NextAction
from shopwright.payments.payment import Tender
from shopwright.ports.clock import Clock
from shopwright.ports.gateway import PaymentGateway

_KINDS = {"paid": EventKind.CAPTURED, "success": EventKind.REFUNDED, "closed": EventKind.REFUND_FAILED}
_TOLD = ("app_id", "mobile_app_id", "merchant_id", "serial", "private_key", "api_v3_key", "public_key", "public_key_id", "notify_url", "gateway")


class WechatSimulation(Ported[WechatSimulator]):
    """A `WechatSimulator` behind the face of all simulations."""

    name, currency = "wechat", CURRENCY
    books_after = timedelta(days=1)

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, path: Path | None = None, **keys: Any) -> Iterator[WechatSimulation]:
        """A simulation until the block ends. Raises `InvalidValue` for a file: it keeps nothing there."""
        refuse_file(path)
        with WechatSimulator.open(clock=clock, port=port, **keys) as simulator:
            yield cls(simulator, clock)

    def gateway(self, *, through: str = "", patience: timedelta | None = None) -> PaymentGateway:
        """One more gateway of the same merchant."""
        settings = self.simulator.settings  # reading its keys takes a while, so they are read again only for other settings
        if through or patience:
            settings = evolve(settings, gateway=rerouted(settings.gateway, through), read=patience or settings.read)
            self.simulator.public = through
        return WechatGateway(settings, clock=self._clock)

    def tender(self, amount: int, *, capture: bool = True) -> Tender:
        """A code to scan; there is no promise without payment here."""
        return Tender(method="wechat", amount=amount, gateway=self.name, flow=Flow.QR)

    def waiting(self) -> Sequence[Waiting]:
        """The orders that are not paid and not over."""
        trades = tuple(self.simulator.provider.trades.values())
        found = [it for it in trades if it.paid_at is None and not it.closed]
        return [Waiting(reference=it.number, amount=Money(it.amount, CURRENCY), about=str(it.words["description"])) for it in found]

    def come(self, reference: str, action: NextAction | None = None) -> None:
        """The buyer scans the code, of which WeChat Pay tells nobody."""
        self.simulator.provider.come(reference)

    def ripen(self) -> None:
        """Slow refunds arrive, and buyers who are at it confirm."""
        self.simulator.provider.ripen()

    def moved(self) -> Sequence[Moved]:
        """What moved: a refund once it has come to its end."""
        moves = [it for it in self.simulator.provider.moved if it.kind in _KINDS]
        return [Moved(kind=_KINDS[it.kind], reference=it.trade.number, amount=Money(it.amount, CURRENCY)) for it in moves]

    def recipe(self) -> str:
        """A gateway with these settings."""
        facts = {it: getattr(self.simulator.settings, it) for it in _TOLD}
        return written(self.name, "shopwright.adapters.wechat", "WechatGateway", "WechatSettings", facts)
