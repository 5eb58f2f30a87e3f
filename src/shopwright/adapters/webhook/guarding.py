"""Where a webhook may go: nowhere inside. An address that somebody typed in must not reach what only this network can reach.

Rules
- WEBHOOK-5: every address that the name of a host stands for must be public; the connection then goes to the very address that was checked, so that
  a name which means something else a moment later gains nothing;
- WEBHOOK-6: an address inside an address (IPv4 in IPv6, by mapping, 6to4 or Teredo) is looked at as well, and one behind NAT64 is not public;
- a host that the settings name as `private` is exempt, and may be asked without TLS;
- TLS names and checks the host that was asked for, whatever the address; redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address

from shopwright.adapters.calling import trusting
from shopwright.payments.errors import NotSent

Resolve = Callable[[str, int], list[str]]
"""The addresses of a host, as text."""


def addresses_of(host: str, port: int) -> list[str]:
    """What the name of a host stands for. Raises `NotSent` when nobody knows."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"nobody knows where {host} is", raw_code="unknown_host") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether everybody on the internet means the same by this address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(it.is_global and not it.is_multicast and not it.is_reserved for it in (found, *_within(found)))


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    inside = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
    return tuple([it for it in inside if it is not None])


def checked(host: str, port: int, *, private: frozenset[str], resolve: Resolve) -> str:
    """The address to connect to. Raises `NotSent` where one of the host's addresses is not public (WEBHOOK-5)."""
    found = resolve(host, port)
    if not found:
        raise NotSent(f"nobody knows where {host} is", raw_code="unknown_host")
    if host not in private and not all(map(is_public, found)):
        raise NotSent(f"{host} is an address inside this network; name it as private if it may be told", raw_code="private_address")
    return found[0]


class _Plain(HTTPConnection):
    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address

    def connect(self) -> None:
        """Connect to the address that was checked."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(HTTPSConnection):
    def __init__(self, host: str, port: int, address: str, seconds: float, trust: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=seconds, context=trust)
        self._address, self._trust = address, trust

    def connect(self) -> None:
        """Connect to the address that was checked, and see that it is the host's."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def guarded(scheme: str, host: str, port: int, address: str, *, wait: timedelta, trust: ssl.SSLContext | None) -> HTTPConnection:
    """A connection to this very address, that is not open yet, for requests to this host."""
    if scheme == "https":
        return _Secure(host, port, address, wait.total_seconds(), trust or trusting())
    return _Plain(host, port, address, wait.total_seconds())
