"""What all simulations have that stand behind a port of this machine: a simulator, which listens, and its provider, which knows what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from shopwright.adapters.troubles import Trouble
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock


class _Secretive(Protocol):
    @property
    def secrets(self) -> tuple[str, ...]: ...


class _Provider(Protocol):
    def approve(self, reference: str, /) -> bool: ...
    def give_up(self, reference: str, /) -> bool: ...


class Simulator(Protocol):
    """A provider behind a socket, with the settings of the one account that it knows."""

    @property
    def address(self) -> str:
        """Where it listens."""
        ...

    @property
    def settings(self) -> _Secretive:
        """Those of a gateway of that account."""
        ...

    @property
    def provider(self) -> _Provider:
        """What it knows and does."""
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble."""
        ...

    def notifications(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Everything that is pushed, behind the first so many, signed now."""
        ...


T = TypeVar("T", bound=Simulator)


class Ported(Generic[T]):
    """A simulator behind the face of all simulations, as far as all simulators are alike."""

    def __init__(self, simulator: T, clock: Clock) -> None:
        self.simulator, self._clock = simulator, clock

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.simulator.address

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret of the settings."""
        return self.simulator.settings.secrets

    def approve(self, reference: str) -> bool:
        """The buyer pays."""
        return self.simulator.provider.approve(reference)

    def decline(self, reference: str) -> bool:
        """The buyer gives up."""
        return self.simulator.provider.give_up(reference)

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble."""
        self.simulator.strike(trouble)

    def pushed(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Every notification from the first, or behind the first so many."""
        return self.simulator.notifications(after=after)
