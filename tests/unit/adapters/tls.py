"""A server on this machine with a certificate that nobody vouches for, unless a test does."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from shopwright.adapters.rsa import new_key, private_text

KEY = new_key()


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    """A server with a certificate that nobody vouches for."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")) if name == "127.0.0.1" else x509.DNSName(name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM))
    key.write_text(private_text(KEY))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    answers = {"do_POST": lambda self: self.send_error(502), "log_message": lambda *_words: None}
    server = HTTPServer(("127.0.0.1", 0), type("Odd", (BaseHTTPRequestHandler,), answers))
    server.handle_error = lambda *_who: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_address[1], certificate
    server.shutdown()
    server.server_close()
    thread.join()
