"""The wire to Stripe, the only I/O of the adapter: the official SDK makes each request, over connections of ours.

Rules
- until the connection stands nothing was sent (`NotSent`); from then on nobody knows (`Indeterminate`); certificate and host name are checked;
- every request that changes something carries an idempotency key: that of the operation;
- a request that Stripe did not process because another one of the same key is under way is put again, `BUSY` times; nothing else is repeated here;
- what the SDK logs of the details of a request is held back, for tokens and addresses stand there (`silence`);
- what the SDK raises never leaves: its errors hold whole answers, with the secrets in them.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from http.client import HTTPConnection
from operator import attrgetter
from typing import Any
from urllib.parse import SplitResult, urlsplit

import stripe
from attrs import evolve, field, frozen

from shopwright.adapters.calling import connection_to, exchange
from shopwright.adapters.stripe.codes import declined, failure, inner
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.adapters.stripe.silence import unheard
from shopwright.payments.errors import Indeterminate, Throttled
from shopwright.payments.outcomes import Declined

Answer = Mapping[str, Any]
"""An object of Stripe as plain data."""

MOST_BYTES = 20_000_000
MOST_PAGES = 1_000
PAGE = 100
BUSY = 4
"""How often a request is put anew while another one of its key is under way."""

BUSY_WAIT = timedelta(milliseconds=250)

stripe.enable_telemetry = False  # the SDK would write a file into the home of its user, and tell Stripe of the machine


@frozen
class Ask:
    """A request: which call of the SDK (`payment_intents.create`), the ids in its address, its parameters, and the key of the operation."""

    call: str
    ids: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(factory=dict)
    key: str = ""


@frozen(slots=False)
class StripeClient:
    """Asks Stripe with these settings. Safe to share between threads: each request has a connection of its own.

    `trust` replaces the certificate authorities of the system, for a proxy that has its own; `wait` is how to pass time.
    """

    settings: StripeSettings
    trust: ssl.SSLContext | None = None
    wait: Callable[[float], None] = time.sleep

    @cached_property
    def sdk(self) -> stripe.StripeClient:
        """The client of the SDK, made when it is first used."""
        settings = self.settings
        return stripe.StripeClient(
            settings.api_key,
            stripe_account=settings.account or None,
            stripe_version=settings.version,
            base_addresses={"api": settings.api},
            max_network_retries=0,
            http_client=_Wire(self),
        )

    def ask(self, ask: Ask) -> Answer | Declined:
        """The answer, or the no of a bank. Raises what `failure` tells, `NotSent` and `Indeterminate`."""
        for turn in range(BUSY):
            try:
                return self._once(ask)
            except Throttled as error:
                if error.raw_code != "idempotency_key_in_use":
                    raise
            self.wait(BUSY_WAIT.total_seconds() * 2**turn)
        return self._once(ask)

    def told(self, ask: Ask) -> Answer:
        """The answer to a question that no bank has a say in."""
        answer = self.ask(ask)
        if isinstance(answer, Declined):
            raise Indeterminate(f"a decline is no answer to {ask.call}", raw_code=answer.raw_code)
        return answer

    def all(self, ask: Ask, *, pages: int = MOST_PAGES) -> Iterator[Answer]:
        """Every element of a list, page by page, as Stripe orders them: newest first."""
        after: dict[str, str] = {}
        for _ in range(pages):
            answer = self.told(evolve(ask, params={"limit": PAGE, **ask.params, **after}))
            found = answer.get("data")
            if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
                raise Indeterminate(f"expected a list from {ask.call}", raw_code="unreadable")
            yield from found
            if not answer.get("has_more") or not found:
                return
            after = {"starting_after": str(found[-1].get("id"))}

    def _once(self, ask: Ask) -> Answer | Declined:
        call = attrgetter(ask.call)(self.sdk.v1)
        options = {"idempotency_key": ask.key} if ask.key else {}
        try:
            with unheard():
                found = call(*ask.ids, dict(ask.params), options).to_dict()
        except stripe.CardError as error:
            return _no(error)
        except stripe.StripeError as error:
            raise failure(error, ask.call) from None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise Indeterminate(f"the answer to {ask.call} is none of Stripe's", raw_code="unreadable") from None
        if not isinstance(found, dict) or not isinstance(found.get("object"), str):
            raise Indeterminate(f"the answer to {ask.call} is none of Stripe's", raw_code="unreadable")
        return found

    def connection(self, address: SplitResult) -> HTTPConnection:
        """A connection to this address that is not open yet."""
        return connection_to(address, wait=self.settings.connect, trust=self.trust)


class _Wire(stripe.HTTPClient):
    """The connections of the SDK, made by ours: theirs cannot tell what never left from what may have arrived."""

    name = "shopwright"

    def __init__(self, client: StripeClient) -> None:
        super().__init__()
        self._client = client

    def request(  # type: ignore[override]  # the SDK calls it with these four, and measures use only when it makes the client itself
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[str, int, Mapping[str, str]]:
        """One request, one answer, one connection."""
        address, body = urlsplit(url), None if post_data is None else post_data.encode()
        target = address.path + (f"?{address.query}" if address.query else "")
        client = self._client
        reply = exchange(client.connection(address), method.upper(), target, body, headers, wait=client.settings.read, most=MOST_BYTES)
        if reply.status == 429 and b'"error"' not in reply.body:  # the SDK would lose how long to wait
            raise Throttled(f"something on the way to {address.hostname} asks to wait", retry_after=reply.retry_after, raw_code="429")
        try:
            return reply.body.decode("utf-8"), reply.status, reply.headers
        except UnicodeDecodeError:
            raise Indeterminate(f"the answer of {address.hostname} is no text", raw_code="unreadable") from None

    def close(self) -> None:
        """Nothing is kept open."""


def _no(error: stripe.CardError) -> Declined:
    """What a bank said, with the payment that it said it of."""
    told = inner(error)
    intent = told.get("payment_intent")
    reference = intent.get("id") if isinstance(intent, dict) else None
    return declined(told, reference if isinstance(reference, str) and reference else None)
