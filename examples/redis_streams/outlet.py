"""Redis Streams as an outlet: each notice is an entry of one stream, which keeps the order that the shop tells in."""

from __future__ import annotations

import redis

from shopwright.payments.errors import Indeterminate, NotSent, Throttled
from shopwright.ports.outlets import Notice


class RedisOutlet:
    """Appends notices to a stream. Listeners read the fields `id`, `key` and `body`, and pass over an id that they have dealt with."""

    name = "redis"

    def __init__(self, client: redis.Redis, *, stream: str = "shopwright") -> None:
        self._client, self._stream = client, stream

    def send(self, notice: Notice) -> None:
        """Append it; raises `NotSent`, `Throttled` and `Indeterminate`."""
        try:
            self._client.ping()
        except redis.RedisError as error:
            raise NotSent("Redis does not answer", raw_code=type(error).__name__) from error
        try:
            self._client.xadd(self._stream, {"id": notice.id, "key": notice.key, "body": notice.body})
        except redis.exceptions.OutOfMemoryError as error:
            raise Throttled("Redis has no room", raw_code="OOM") from error
        except redis.RedisError as error:
            raise Indeterminate("nobody knows whether Redis has it", raw_code=type(error).__name__) from error
