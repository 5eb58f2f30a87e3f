"""Push the notifications of a simulated provider to a shop, as badly as providers do: twice, late, in another order, again and again.

Rules
- what was pushed is told once it was answered, with the answer; no body and no signature is ever shown;
- acknowledged is what is answered with success, in the very words that the provider wants; anything else, and silence, is tried again after
  twice as long each time, `TRIES` times at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from shopwright.adapters.calling import connection_to, exchange
from shopwright.adapters.simulators.face import Simulation
from shopwright.errors import InvalidValue
from shopwright.payments.errors import GatewayError
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock

TRIES = 6
FIRST_WAIT = timedelta(seconds=2)
PATIENCE = timedelta(seconds=5)
_MOST = 100_000


def where_to(url: str) -> SplitResult:
    """The parts of an address to push to. Raises `InvalidValue` for one that is no http or https address."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port != 0
    except ValueError:
        raise InvalidValue(f"expected an address such as http://127.0.0.1:8000/notify, got {url[:200]!r}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise InvalidValue(f"expected an address such as http://127.0.0.1:8000/notify, got {url[:200]!r}")
    return parts


@frozen(kw_only=True)
class Manners:
    """How a provider pushes: each notification so many `times`, so much later, and `shuffled` with what came at the same time."""

    times: int = 1
    delay: timedelta = timedelta()
    shuffled: bool = False


@frozen
class _Letter:
    """A notification on its way: when it is due, and how often it was tried."""

    number: int
    raw: RawNotification
    due: datetime
    tries: int = 0


class Pusher:
    """Pushes what a simulation has to tell to an address; `tell` is given a line for each answer."""

    def __init__(self, simulation: Simulation, url: str, manners: Manners, *, clock: Clock, tell: Callable[[str], None]) -> None:
        self._simulation, self._url, self._manners = simulation, where_to(url), manners
        self._clock, self._tell = clock, tell
        self._gateway = simulation.gateway()
        self._chance = Random(7)
        self._seen = 0
        self._bag: list[_Letter] = []

    def step(self) -> int:
        """Push what is due now; how many were pushed."""
        now = self._clock.now()
        fresh = list(self._fresh(now))
        if self._manners.shuffled:
            self._chance.shuffle(fresh)
        self._bag.extend(fresh)
        due = [it for it in self._bag if it.due <= now]
        for letter in due:
            self._bag.remove(letter)
            self._push(letter)
        return len(due)

    def _fresh(self, now: datetime) -> Iterator[_Letter]:
        told = self._simulation.pushed(after=self._seen)
        for number, raw in enumerate(told, self._seen + 1):
            for _ in range(self._manners.times):
                yield _Letter(number, raw, now + self._manners.delay)
        self._seen += len(told)

    def _push(self, letter: _Letter) -> None:
        answer, is_fine = self._answer(letter.raw)
        self._tell(f"notification {letter.number}: {answer}")
        if not is_fine and letter.tries + 1 < TRIES:
            wait = FIRST_WAIT * 2**letter.tries
            # It is signed anew when it is pushed again, as a provider does: an old signature would be refused.
            raw = self._simulation.pushed(after=letter.number - 1)[0]
            self._bag.append(_Letter(letter.number, raw, self._clock.now() + wait, letter.tries + 1))
        elif not is_fine:
            self._tell(f"notification {letter.number}: given up after {TRIES} times")

    def _answer(self, raw: RawNotification) -> tuple[str, bool]:
        """What the shop said, and whether that was a success."""
        target = f"{self._url.path or '/'}?{self._url.query}" if self._url.query else self._url.path or "/"
        connection = connection_to(self._url, wait=PATIENCE, trust=None)
        try:
            reply = exchange(connection, "POST", target, raw.body, dict(raw.headers), wait=PATIENCE, most=_MOST)
        except GatewayError as error:
            return str(error), False
        wanted = self._gateway.parse_notification(raw).ok
        is_fine = 200 <= reply.status < 300 and (not wanted.body or reply.body == wanted.body)
        told = f"{reply.status} {reply.body[:60].decode('utf-8', 'replace')!r}"
        return (told if is_fine else f"{told}, expected {wanted.status} {wanted.body.decode()!r}"), is_fine
