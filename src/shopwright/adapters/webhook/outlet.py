"""A webhook as an outlet: one signed POST for each notice.

Rules
- an answer from 200 to 299 is taken for "I have it", and any other for a failed try; redirects are not followed;
- 410 closes the outlet: its subscription pauses until a person resumes it; 429 and 503 may say how long to wait;
- the id of a notice is the id of its request, and the time under the signature is that of the try.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from attrs import field, frozen

from shopwright.adapters.calling import exchange
from shopwright.adapters.system import SystemClock
from shopwright.adapters.webhook.guarding import Resolve, addresses_of, checked, guarded
from shopwright.adapters.webhook.settings import WebhookSettings
from shopwright.adapters.webhook.signing import signed_headers
from shopwright.edges import of, text
from shopwright.payments.errors import Indeterminate, Throttled
from shopwright.ports.clock import Clock
from shopwright.ports.outlets import Notice, OutletClosed

_MOST = 64 * 1024
"""How many bytes of an answer are read: nobody needs them."""


@frozen
class WebhookOutlet:
    """Tells a webhook. `clock` tells the time that is signed, and `resolve` what the name of a host stands for."""

    name: str = field(validator=text(least=1, most=60))
    settings: WebhookSettings = field(validator=of(WebhookSettings))
    clock: Clock = field(factory=SystemClock, repr=False)
    resolve: Resolve = field(default=addresses_of, repr=False)

    def send(self, notice: Notice) -> None:
        """POST it. Raises `NotSent`, `Throttled`, `Indeterminate` and `OutletClosed`."""
        it = self.settings
        where = urlsplit(it.url)
        host, port = where.hostname or "", where.port or (443 if where.scheme == "https" else 80)
        address = checked(host, port, private=it.private, resolve=self.resolve)
        target = f"{where.path or '/'}{f'?{where.query}' if where.query else ''}"
        headers = {
            "content-type": "application/json",
            "user-agent": "shopwright",
            **signed_headers(notice.id, notice.body, it.secrets, at=self.clock.now()),
        }
        connection = guarded(where.scheme, host, port, address, wait=it.wait, trust=it.trust)
        reply = exchange(connection, "POST", target, notice.body, headers, wait=it.wait, most=_MOST)
        if 200 <= reply.status < 300:
            return
        if reply.status == 410:
            raise OutletClosed(f"{host} wants no more notices", raw_code="410")
        if reply.status in {429, 503}:
            raise Throttled(f"{host} asks to wait", retry_after=reply.retry_after, raw_code=str(reply.status))
        raise Indeterminate(f"{host} answered {reply.status} to a notice", raw_code=str(reply.status))
