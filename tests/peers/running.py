"""Running peers: a server on a free port of 127.0.0.1 until a block ends, a script that answers once, and an ear for what they push."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from shopwright.payments.notifications import RawNotification
from tests.peers.installing import node_modules

STARTS_WITHIN = 60
"""How many seconds a server may take until it listens."""


@contextmanager
def server(command: Sequence[str], *, port: int, env: dict[str, str] | None = None) -> Iterator[str]:
    """The address of a server that this command starts on this port, until the block ends."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(list(command), stdout=said, stderr=subprocess.STDOUT, env=env)
        try:
            _wait(process, port, said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, said: Any) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    said.seek(0)
    pytest.fail(f"the peer does not listen on port {port}: {said.read()[-500:].decode(errors='replace')}", pytrace=False)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def node(script: Path, told: dict[str, Any]) -> Any:
    """What a script answers, in JSON, to what it is told on standard input. It requires packages from the folder in its first argument."""
    command = ["node", str(script), f"{node_modules()}/"]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Ear:
    """Hears what is pushed to `address`, and answers 200."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}/pushed"
        self.heard: list[RawNotification] = []

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Ear]:
        """An ear until the block ends."""
        ear = cls(0)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                ear.heard.append(RawNotification(headers=self.headers.items(), body=body, received_at=datetime.now(UTC)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Say nothing."""

        listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        ear.address = f"http://127.0.0.1:{listening.server_address[1]}/pushed"
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            listening.shutdown()
            listening.server_close()
            thread.join()

    def wait_for(self, word: str, *, within: float = 10) -> RawNotification:
        """The first notification whose body holds this word, once it has come."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for raw in tuple(self.heard):
                if word.encode() in raw.body:
                    return raw
            time.sleep(0.02)
        raise AssertionError(f"nothing with {word!r} was pushed within {within} seconds, but {len(self.heard)} others")
