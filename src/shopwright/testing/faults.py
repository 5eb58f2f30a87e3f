"""Fault injection: a process that dies before or after any call to the outside, without a process dying.

    faults = Faults()
    shop = Shop(faults.wrap(storage), gateways=[faults.wrap(gateway)])
    faults.crash_at(7, after=True)      # the seventh call is made, and nobody hears its answer
    with pytest.raises(Crash): shop.payments.pay(command)

`Crash` is no `Exception`, so that no handler of the code under test can survive what a process would not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

P = TypeVar("P")


class Crash(BaseException):
    """The process has died here."""


class Faults:
    """Counts the calls through the ports that it wraps, and dies at the one it is told."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._at: int | None = None
        self._after = False

    def crash_at(self, call: int, *, after: bool) -> None:
        """Die at this call, counted from 1: before it is made, or after it was made and before anybody hears its answer."""
        self.calls, self._at, self._after = [], call, after

    def heal(self) -> None:
        """Never die again; the count begins anew."""
        self.calls, self._at = [], None

    def wrap(self, port: P) -> P:
        """The same port, with every call counted."""
        return _Wrapped(port, self)  # type: ignore[return-value]  # it answers to whatever the port answers to

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        """Make one call, or die at it."""
        self.calls.append(name)
        number = len(self.calls)
        here = number == self._at
        if here and not self._after:
            raise Crash(f"before call {number}, {name}")
        try:
            return act()
        finally:
            if here:
                raise Crash(f"after call {number}, {name}")


class _Wrapped:
    def __init__(self, port: object, faults: Faults) -> None:
        self._port, self._faults = port, faults

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found) or name.startswith("_"):
            return found
        kind = type(self._port).__name__
        return lambda *args, **kwargs: self._faults.call(f"{kind}.{name}", lambda: found(*args, **kwargs))
