"""A function as an outlet: what happens is told within the process, to a mailer, a cache or a queue of the host:
`CallOutlet("mailer", lambda notice: mails.put(notice.body))`.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen

from shopwright.edges import text
from shopwright.errors import InvalidValue
from shopwright.ports.outlets import Notice


@frozen
class CallOutlet:
    """Hands each notice to a function; what that raises is a failed try, and the notice comes again."""

    name: str = field(validator=text(least=1, most=60))
    deliver: Callable[[Notice], object] = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not callable(self.deliver):
            raise InvalidValue(f"expected a function to deliver to, got {type(self.deliver).__name__}")

    def send(self, notice: Notice) -> None:
        """Call the function; the notice is handed over when it returns."""
        self.deliver(notice)
