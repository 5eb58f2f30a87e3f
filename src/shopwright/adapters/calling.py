"""One request over HTTP, for adapters that speak it themselves: what was provably not sent is told apart from what nobody knows.

Rules
- until the connection stands nothing was sent (`NotSent`); from then on nobody knows (`Indeterminate`);
- certificate and host name are checked; an address without TLS is on this machine;
- nothing is repeated here: a flow queries by the key first, and repeats with the same key;
- a reply that is larger than it may be is no reply, and one that has not ended after `LONGEST` times the wait for a part of it is none either,
  however steadily it trickles.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from shopwright.edges import of, text
from shopwright.errors import InvalidValue
from shopwright.payments.errors import Indeterminate, NotSent

LONGEST = 4
"""How many times the wait for a part of a reply the whole of it may take."""

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@frozen
class Reply:
    """What came back: the names of `headers` are in lower case, and a header that is there twice has both values, joined by a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> timedelta | None:
        """How long the other side asks to wait, if it says so in seconds."""
        told = self.headers.get("retry-after", "")
        return timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) < 7 else None


def address(instance: Any, attribute: Any, value: Any) -> None:
    """A validator: an address over TLS, or without it on this machine, where a simulator may listen."""
    text(least=1, most=2_000)(instance, attribute, value)
    name = f"{type(instance).__name__}.{attribute.name}"
    try:
        parts = urlsplit(value)
        port_is_fine = parts.port != 0
    except ValueError:
        raise InvalidValue(f"{name} must be an address such as https://api.example.com") from None
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)) or not parts.hostname or not port_is_fine:
        raise InvalidValue(f"{name} must begin with https:// (http:// on this machine only), got {value!r}")


def positive(instance: Any, attribute: Any, value: Any) -> None:
    """A validator: a span of time that is longer than nothing."""
    of(timedelta)(instance, attribute, value)
    if value <= timedelta():
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be longer than nothing, got {value}")


def trusting() -> ssl.SSLContext:
    """Whom the system trusts, over TLS 1.2 and later, also where Python was built to leave that to the system."""
    trust = ssl.create_default_context()
    trust.minimum_version = ssl.TLSVersion.TLSv1_2
    return trust


def connection_to(where: SplitResult, *, wait: timedelta, trust: ssl.SSLContext | None) -> HTTPConnection:
    """A connection to this address that is not open yet. `trust` replaces the certificate authorities of the system."""
    host, seconds = where.hostname or "", wait.total_seconds()
    if where.scheme == "https":
        return HTTPSConnection(host, where.port, timeout=seconds, context=trust or trusting())
    return HTTPConnection(host, where.port, timeout=seconds)


@contextmanager
def _in_time(connection: HTTPConnection, wait: timedelta) -> Iterator[None]:
    """Wait so long for each part of an exchange, and `LONGEST` times that for all of it: then the connection is cut."""
    plain = connection.sock
    assert plain is not None, "a connection that stands has a socket"
    plain.settimeout(wait.total_seconds())
    late = Timer((wait * LONGEST).total_seconds(), _cut, (plain,))
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # past TLS, which is not to be ended in good order


def exchange(
    connection: HTTPConnection, verb: str, target: str, body: bytes | None, headers: Mapping[str, str], *, wait: timedelta, most: int
) -> Reply:
    """Send one request and read its reply, then close. Raises `NotSent` and `Indeterminate`."""
    host = connection.host
    try:
        try:
            connection.connect()
        except OSError as error:
            raise NotSent(f"no connection to {host}: {type(error).__name__}", raw_code="connect") from error
        try:
            with _in_time(connection, wait):
                connection.request(verb, target, body=body, headers={**headers, "Connection": "close"})
                response = connection.getresponse()
                found = response.read(most + 1)
        except (OSError, HTTPException) as error:
            raise Indeterminate(f"no answer from {host}: {type(error).__name__}", raw_code="no_answer") from error
    finally:
        connection.close()
    if len(found) > most:
        raise Indeterminate(f"expected at most {most} bytes from {host}, got more with status {response.status}", raw_code=str(response.status))
    if response.length:  # reading up to a limit does not tell of itself that the body was cut short
        raise Indeterminate(f"the answer of {host} was cut short", raw_code="cut_short")
    told: dict[str, str] = {}
    for name, value in response.headers.items():
        lower = name.lower()
        told[lower] = f"{told[lower]},{value}" if lower in told else value
    return Reply(response.status, told, found)
