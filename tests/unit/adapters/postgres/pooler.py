"""A connection pooler in transaction mode, small enough to read: what a client says between two transactions may reach another server process.

It answers the client's startup with what a server process said to it, but with a process number of its own, as poolers do, and
changes to the next server process whenever a transaction is over. What a client left behind in a session is therefore gone, or worse.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from pathlib import Path
from typing import Self

INVENTED = 424242
"""The process number that clients are told."""

SERVER_PROCESSES = 3


class Pooler:
    """Listens on a socket in a folder; as a context manager it ends when the block does."""

    def __init__(self, server: Path, folder: Path) -> None:
        self._server = str(server / ".s.PGSQL.5432")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.6432"))
        self._listener.listen()
        self.conninfo = f"host={folder} port=6432 user=postgres dbname=postgres"
        self.transactions = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        startup = _startup(client)
        servers = [self._connected(startup) for _ in range(SERVER_PROCESSES)]
        client.sendall(b"".join(_renumbered(kind, body) for kind, body in servers[0][1]))
        processes, turn, owed, idle = [process for process, _ in servers], 0, 0, True
        try:
            while True:
                ready, _, _ = select.select([client, processes[turn]], [], [])
                if client in ready:
                    if idle and not owed:
                        turn = (turn + 1) % SERVER_PROCESSES
                        self.transactions += 1
                    kind, body = _message(client)
                    if kind == b"X":
                        return
                    owed += kind in {b"Q", b"S"}
                    processes[turn].sendall(_told(kind, body))
                    idle = False
                elif processes[turn] in ready:
                    kind, body = _message(processes[turn])
                    if kind == b"Z":
                        owed, idle = owed - 1, body == b"I"
                    client.sendall(_told(kind, body))
        except OSError:
            return
        finally:
            for each in (client, *processes):
                each.close()

    def _connected(self, startup: bytes) -> tuple[socket.socket, list[tuple[bytes, bytes]]]:
        process = socket.socket(socket.AF_UNIX)
        process.connect(self._server)
        process.sendall(startup)
        said = [_message(process)]
        while said[-1][0] != b"Z":
            said.append(_message(process))
        return process, said


def _startup(client: socket.socket) -> bytes:
    """The first message of a client, which has no kind; a wish for encryption is declined."""
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        body = _exactly(client, length - 4)
        if struct.unpack("!I", body[:4])[0] not in {80877103, 80877104}:
            return struct.pack("!I", length) + body
        client.sendall(b"N")


def _renumbered(kind: bytes, body: bytes) -> bytes:
    return _told(kind, struct.pack("!I", INVENTED) + body[4:] if kind == b"K" else body)


def _told(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(source, 1)
    (length,) = struct.unpack("!I", _exactly(source, 4))
    return kind, _exactly(source, length - 4)


def _exactly(source: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = source.recv(count - len(parts))
        if not part:
            raise OSError("the other side has gone")
        parts += part
    return parts
