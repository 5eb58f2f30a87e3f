"""The promises of the gateway port by number: each test of the kit stands for one, and a test that fails says which one broke.

`docs/reference/gateway-promises.md` is made from here. A check of your own belongs to a promise too: decorate it with `promise(17)`, and
the report of the kit counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import pytest
from attrs import frozen

Test = TypeVar("Test", bound=Callable[..., None])

PAGE = "docs/reference/gateway-promises.md"
"""Where each promise has a heading, in the manual of Shopwright."""


@frozen
class Promise:
    """One promise: what it says, and where to look in an adapter that breaks it."""

    number: int
    title: str
    says: str
    look: str

    @property
    def name(self) -> str:
        """How it is called: `GATEWAY` and its number."""
        return f"GATEWAY-{self.number}"

    @property
    def address(self) -> str:
        """The page and the heading to read."""
        return f"{PAGE}#gateway-{self.number}"

    def told(self) -> str:
        """What a broken promise says of itself."""
        return f"{self.name} is broken: {self.title}\n  promised: {self.says}\n  look at:  {self.look}\n  read:     {self.address}"


_ALL = (
    Promise(
        1,
        "it is what it says it is",
        "The name is a slug that never changes, the version of the port is ours, the shop finds the gateway by its name, and to "
        "import it or to make one does no I/O.",
        "`name`, `api_version`, the constructor, and `shopwright.gateways` in pyproject.toml",
    ),
    Promise(
        2,
        "what is declared works, what is not declared is refused",
        "Each operation, flow and ability in `Capabilities` works; each other one raises `Unsupported` before any byte is sent.",
        "`capabilities`, and `demand_start`, `demand`, `demand_amount` as the first thing in each operation",
    ),
    Promise(
        3,
        "amounts are exact",
        "An amount in a currency of none, two or three decimals comes back to the last minor unit; nothing that is foreign, zero, "
        "negative or off the step "
        "is taken; no amount is a floating-point number on the wire.",
        "where `Money` becomes text or a number of the provider, and back",
    ),
    Promise(
        4,
        "money is held, taken and released as asked",
        "A charge takes all; an authorization takes nothing; captures take no more than is held, and a final one releases the "
        "rest; what was captured is not voided.",
        "`start`, `capture`, `void`, and how the provider's answer becomes `Totals`",
    ),
    Promise(
        5,
        "a buyer who has to act is asked in the way that was promised",
        "Each flow gives its own action and moves nothing before it; a buyer who pays twice, too late or after the payment was "
        "closed is charged once or not at all.",
        "`start` and `query` of a payment that waits for its buyer",
    ),
    Promise(
        6,
        "no more goes back than came in",
        "Refunds in parts sum to the total and no further; one that takes its time is pending until it arrives, and one that "
        "comes back restores the totals.",
        "`refund`, `query_refund`, and the refund buckets of `Totals`",
    ),
    Promise(
        7,
        "once is once",
        "The same key with the same parameters moves money once, however often, at the same moment and after a restart; with "
        "others it is `GatewayKeyConflict`. A dispute is answered once under its key, where the shop can answer it at all.",
        "how the `OperationKey` becomes what the provider deduplicates by; never make one up, never change one",
    ),
    Promise(
        8,
        "what provably never left is NotSent, what nobody knows is Indeterminate",
        "A refused connection, an unknown host and an untrusted certificate are `NotSent`; a reset, a timeout, half a body, a 5xx "
        "and a body that is not the provider's, or was changed under its signature, are `Indeterminate`, never `Done`; query and repeat then end "
        "with one movement. A 429 is `Throttled`, with how long to wait.",
        "the exceptions of the client: connect and send in two steps, and the line between the two draws itself",
    ),
    Promise(
        9,
        "a request is not repeated behind the back of the shop",
        "After an unknown end the gateway does not try again by itself without bound; it gives up in time and leaves the repeat "
        "to the flow, which queries first. An answer that trickles is not waited for to its end.",
        "the retries and time limits of your HTTP client or SDK; switch them off or bound them",
    ),
    Promise(
        10,
        "a decline is an answer",
        "A decline never raises; it has a reason, an advice and the provider's own code, moves nothing, and leaves an authorization as it is.",
        "the table of decline codes; a code that is missing there is `DeclineReason.GENERIC`",
    ),
    Promise(
        11,
        "only what the provider signed is read",
        "One changed bit of body or signature, a missing or repeated header, a weaker signature, another time or another account is "
        "`BadNotification`.",
        "`parse_notification`: verify first, over the raw bytes, in constant time",
    ),
    Promise(
        12,
        "the bytes are verified as they came",
        "A body that says the same in other bytes is refused; a notification signed with a key that is being replaced is read until that "
        "key is gone.",
        "`parse_notification`: use `raw.body`, never a body that was parsed and written again",
    ),
    Promise(
        13,
        "notifications add up",
        "However often and in whatever order they come, notifications add up to what a query tells; one may overtake the answer "
        "of its own start; a kind that "
        "nobody knows is ignored and acknowledged, in the provider's own words, also when it comes again.",
        "`event_id`, `payment_key`, `amount` and `totals` of each event, and `Notification.ok`",
    ),
    Promise(
        14,
        "money is conserved",
        "Whatever is done in whatever order, in trouble or not: refunded is never more than captured, captured never more than "
        "authorized, and the currency stays; what was pushed tells the same.",
        "the smallest sequence of steps that the test prints",
    ),
    Promise(
        15,
        "secrets stay secret, and the wire is encrypted for the right host",
        "No `repr`, pickle, error or scrubbed transcript shows a secret, a token or a card number; a certificate of somebody else, for "
        "another host, or TLS 1.1 is `NotSent`.",
        "`scrub`, `repr=False` on secrets, and `trusting()` of `shopwright.adapters.calling`, or a context of yours in which nothing is loosened",
    ),
    Promise(
        16,
        "the books agree",
        "The ledger sums to what moved, each line once and in order; no more is shared than is there.",
        "`ledger` and `split`",
    ),
    Promise(
        17,
        "somebody else vouches for it",
        "Another implementation verifies what the adapter signs, and signs what the adapter believes. The kit cannot bring it: "
        "write such tests with an SDK "
        "or with recorded messages, and decorate them with `promise(17)`.",
        "tests of your own",
    ),
)
PROMISES = {promise.number: promise for promise in _ALL}
"""Each promise by its number."""


def promise(number: int) -> Callable[[Test], Test]:
    """Let a test stand for this promise: when it fails, it says so."""
    kept = PROMISES[number]

    def decorate(test: Test) -> Test:
        @wraps(test)
        def keeping(*args: Any, **facts: Any) -> None:
            __tracebackhide__ = True
            try:
                test(*args, **facts)
            except pytest.skip.Exception:
                raise
            except (Exception, pytest.fail.Exception) as broken:
                broken.add_note(kept.told())
                raise

        keeping.gateway_promise = number  # type: ignore[attr-defined]  # what the report reads
        return keeping  # type: ignore[return-value]  # pytest sees the signature of the test through `wraps`

    return decorate
