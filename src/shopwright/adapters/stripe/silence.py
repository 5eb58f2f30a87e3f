"""Keep what is sent to Stripe out of the logs: at its lowest level the SDK writes whole requests and answers, tokens and addresses among them.

What else uses the SDK in the same process logs as before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asking: ContextVar[bool] = ContextVar("asking", default=False)


class _Quiet(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG or not _asking.get()


_QUIET, _LOGGER = _Quiet(), logging.getLogger("stripe")


@contextmanager
def unheard() -> Iterator[None]:
    """Nothing of the details of requests is logged as long as the block runs."""
    _LOGGER.addFilter(_QUIET)  # one that is there already is not added again
    before = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(before)
