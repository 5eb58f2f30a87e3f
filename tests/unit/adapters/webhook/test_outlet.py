"""A webhook as an outlet: what each answer means, and where it never goes (WEBHOOK-5, WEBHOOK-6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from shopwright.adapters.loopback import LoopbackServer
from shopwright.adapters.webhook import WebhookOutlet, WebhookSettings, verify
from shopwright.adapters.webhook.guarding import checked, is_public
from shopwright.errors import InvalidValue
from shopwright.payments.errors import Indeterminate, NotSent, Throttled
from shopwright.ports.outlets import Notice, OutletClosed
from shopwright.testing.clock import FrozenClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECRET = f"whsec_{'c2VjcmV0' * 4}"  # the same in every run
HERE = frozenset({"127.0.0.1"})
BODY = '{"title":"Tee für 李"}'.encode()
NOTICE = Notice(id="evt_1", subscription="erp", stream="events", type="OrderPlaced", key="o1", number=1, at=NOON, body=BODY)

Got = tuple[str, dict[str, str], bytes]


@contextmanager
def receiver(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Iterator[tuple[str, list[Got]]]:
    """Somebody on this machine who answers everything the same, with what they were sent."""
    got: list[Got] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length)))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = LoopbackServer(0, Handler)
    with server.serving():
        yield server.address, got


def outlet(url: str, **facts: Any) -> WebhookOutlet:
    settings = WebhookSettings(**{"url": url, "secrets": (SECRET,), "private": HERE, "wait": timedelta(seconds=5), **facts})
    return WebhookOutlet("erp", settings, clock=FrozenClock(NOON))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_notice_that_is_taken_arrives_signed_and_whole(status: int) -> None:
    with receiver(status) as (address, got):
        outlet(f"{address}/hooks?shop=1").send(NOTICE)
    ((path, headers, body),) = got
    assert (path, headers["content-type"], body) == ("/hooks?shop=1", "application/json", NOTICE.body)
    assert verify(headers, body, (SECRET,), at=NOON).id == NOTICE.id


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500, 502])
def test_any_other_answer_is_a_failed_try_and_redirects_are_not_followed(status: int) -> None:
    with receiver(200) as (elsewhere, inside), receiver(status, {"location": f"{elsewhere}/inside"}) as (address, got):
        with pytest.raises(Indeterminate) as told:
            outlet(address).send(NOTICE)
        assert (told.value.raw_code, len(got), inside) == (str(status), 1, [])


def test_410_closes_the_outlet() -> None:
    with receiver(410) as (address, _), pytest.raises(OutletClosed):
        outlet(address).send(NOTICE)


@pytest.mark.parametrize("status", [429, 503])
def test_who_asks_to_wait_is_waited_for(status: int) -> None:
    with receiver(status, {"retry-after": "120"}) as (address, _), pytest.raises(Throttled) as told:
        outlet(address).send(NOTICE)
    assert told.value.retry_after == timedelta(seconds=120)


def test_nobody_who_listens_is_not_sent() -> None:
    with receiver(200) as (address, _):
        pass
    with pytest.raises(NotSent):
        outlet(address).send(NOTICE)


def test_an_answer_without_end_is_a_failed_try() -> None:
    with receiver(200, body=b"x" * 200_000) as (address, _), pytest.raises(Indeterminate):
        outlet(address).send(NOTICE)


INSIDE = (
    "127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 198.18.0.1 224.0.0.1 255.255.255.255 "
    "::1 :: fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 2002:a00:1:: "
    "2001:db8::1 nonsense"
).split()


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_never_told_as_webhook_5_and_webhook_6_have_it(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(NotSent) as told:
        checked("erp.example", 443, private=frozenset(), resolve=lambda host, port: ["93.184.216.34", address])
    assert told.value.raw_code == "private_address"


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111"])
def test_an_address_outside_is_told(address: str) -> None:
    assert is_public(address)
    assert checked("erp.example", 443, private=frozenset(), resolve=lambda host, port: [address]) == address


def test_a_name_that_means_something_else_a_moment_later_gains_nothing() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    assert checked("erp.example", 443, private=frozenset(), resolve=lambda host, port: next(answers)) == "93.184.216.34"


def test_this_machine_is_told_only_where_the_settings_say_so() -> None:
    with receiver(200) as (address, got):
        shut = WebhookOutlet(
            "erp", WebhookSettings(url=address.replace("http:", "https:"), secrets=(SECRET,)), clock=FrozenClock(NOON)
        )
        with pytest.raises(NotSent) as told:
            shut.send(NOTICE)
        assert (told.value.raw_code, got) == ("private_address", [])


BAD_URLS = (
    "",
    "erp.example",
    "ftp://erp.example",
    "http://erp.example",
    "https://",
    "https://ann:pw@erp.example",
    "https://erp.example/#top",
    "https://erp.example:99999",
    "https://erp.example/a b",
    "https://erp.example/\r\nx: y",
    "file:///etc/passwd",
)


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_address_that_nobody_should_tell_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        WebhookSettings(url=url, secrets=(SECRET,))


@pytest.mark.parametrize("secrets", [(), ("weak",), [SECRET], (SECRET,) * 6], ids=["none", "weak", "a list", "six"])
def test_settings_without_one_to_five_secrets_are_refused(secrets: Any) -> None:
    with pytest.raises(InvalidValue):
        WebhookSettings(url="https://erp.example", secrets=secrets)


def test_nothing_that_is_printed_shows_a_secret() -> None:
    told = repr(outlet("http://127.0.0.1:9/hook?token=s3cret"))
    assert SECRET not in told
    assert "s3cret" not in told
