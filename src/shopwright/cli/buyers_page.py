"""The page on which somebody plays the buyer of a simulated provider: what waits to be paid, a button to pay and one to go away, and what has moved.

It listens on 127.0.0.1 only. A page of another site cannot press its buttons: each form carries a word that only this page knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shopwright.adapters.simulators.face import Simulation

_MOST = 10_000
_SHOWN = 50
_STYLE = (
    "body{font-family:sans-serif;margin:2em auto;max-width:60em}table{border-collapse:collapse;width:100%;margin-bottom:2em}"
    "td,th{text-align:left;padding:.4em .8em;border-bottom:1px solid #ccc}td.n{text-align:right}form{display:inline}button{padding:.3em 1em}"
)


@contextmanager
def buyers_page(simulation: Simulation, *, port: int = 0) -> Iterator[str]:
    """The address of the page, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(simulation, token_urlsafe(16)))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(simulation: Simulation, word: str) -> str:
    """The page as it stands."""
    waiting = [f"<tr><td>{escape(it.about)}</td><td class=n>{escape(str(it.amount))}</td><td>{_buttons(it.reference, word)}</td></tr>"
               for it in simulation.waiting()]  # fmt: skip
    moved = [f"<tr><td>{escape(it.kind)}</td><td>{escape(it.reference)}</td><td class=n>{escape(str(it.amount))}</td></tr>"
             for it in reversed(simulation.moved()[-_SHOWN:])]  # fmt: skip
    nobody, nothing = "<tr><td>nobody waits to pay</td></tr>", "<tr><td>nothing has moved yet</td></tr>"
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><meta http-equiv=refresh content=2><title>{simulation.name}, simulated</title>"
        f"<style>{_STYLE}</style></head><body><h1>{simulation.name}, simulated</h1>"
        f"<h2>Who waits to pay</h2><table>{''.join(waiting) or nobody}</table>"
        f"<h2>What has moved</h2><table>{''.join(moved) or nothing}</table></body></html>"
    )


def _buttons(reference: str, word: str) -> str:
    hidden = f"<input type=hidden name=reference value='{escape(reference, quote=True)}'><input type=hidden name=word value='{word}'>"
    return "".join([f"<form method=post action=/{verb}>{hidden}<button>{verb}</button></form> " for verb in ("approve", "decline")])


def _handler(simulation: Simulation, word: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Shows the page, or presses a button."""

        timeout = 10

        def do_GET(self) -> None:
            """The page."""
            if urlsplit(self.path).path != "/":
                self._say(404, "there is one page here, and it is /")
                return
            self._say(200, page(simulation, word), "text/html; charset=utf-8")

        def do_POST(self) -> None:
            """A button was pressed."""
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST)).decode("utf-8", "replace")
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            act = {"/approve": simulation.approve, "/decline": simulation.decline}.get(urlsplit(self.path).path)
            if act is None or not compare_digest(fields.get("word", "").encode(), word.encode()):
                self._say(403, "use the buttons of the page")
                return
            reference = fields.get("reference", "")
            simulation.come(reference)
            if not act(reference):
                self._say(409, "that payment waits for nobody any more")
                return
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _say(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    return Handler
