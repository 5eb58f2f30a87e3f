"""The ready views in the frameworks they are for, each behind the same door: a request as it comes over the wire, the answer as it goes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from attrs import frozen

from shopwright import Shop
from tests.surroundings import peer


@frozen
class Request:
    """A request for `/payments/<gateway>`."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    gateway: str = "fake"
    method: str = "POST"
    query: str = ""

    @property
    def path(self) -> str:
        """The path with its query."""
        return f"/payments/{self.gateway}" + (f"?{self.query}" if self.query else "")


@frozen
class Answer:
    """What came back."""

    status: int
    body: bytes
    content_type: str


Ask = Callable[[Request], Answer]


@contextmanager
def starlette(shop: Shop) -> Iterator[Ask]:
    """Starlette alone."""
    peer("starlette")
    from starlette.applications import Starlette
    from starlette.routing import Route

    from examples.web.starlette_view import receive

    app = Starlette(routes=[Route("/payments/{gateway}", receive, methods=["POST"])])
    with _asgi(app, shop) as ask:
        yield ask


@contextmanager
def fastapi(shop: Shop) -> Iterator[Ask]:
    """The same view in FastAPI."""
    from examples.web.starlette_view import receive

    app = peer("fastapi").FastAPI()
    app.add_api_route("/payments/{gateway}", receive, methods=["POST"])
    with _asgi(app, shop) as ask:
        yield ask


@contextmanager
def _asgi(app: Any, shop: Shop) -> Iterator[Ask]:
    app.state.shop = shop
    with peer("starlette.testclient").TestClient(app) as client:

        def ask(request: Request) -> Answer:
            got = client.request(request.method, request.path, content=request.body, headers=list(request.headers))
            return Answer(got.status_code, got.content, got.headers.get("content-type", ""))

        yield ask


@contextmanager
def flask(shop: Shop) -> Iterator[Ask]:
    """Flask."""
    from examples.web.flask_view import receive

    app = peer("flask").Flask("mall")
    app.extensions["shop"] = shop
    app.add_url_rule("/payments/<gateway>", view_func=receive, methods=["POST"])

    def ask(request: Request) -> Answer:
        with app.test_client() as client:
            got = client.open(request.path, method=request.method, data=request.body, headers=list(request.headers))
            return Answer(got.status_code, got.data, got.headers.get("content-type", ""))

    yield ask


@contextmanager
def django(shop: Shop) -> Iterator[Ask]:
    """Django, with its middleware against forged forms."""
    peer("django")
    from django.conf import settings
    from django.test import override_settings

    if not settings.configured:
        import django as framework

        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="for tests", MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"])
        framework.setup()
    with override_settings(ROOT_URLCONF=_Routes(shop)):
        yield partial(_through_django, settings)


class _Routes:
    """What Django reads instead of a module of routes."""

    def __init__(self, shop: Shop) -> None:
        from django.urls import path

        from examples.web.django_view import receive

        self.urlpatterns = [path("payments/<gateway>", receive, {"shop": shop})]


def _through_django(settings: Any, request: Request) -> Answer:
    from django.test import Client

    sent: dict[str, str] = {}
    for name, value in request.headers:  # as WSGI has it: one entry for each name, what comes twice is joined
        known = f"HTTP_{name.upper().replace('-', '_')}" if name.lower() != "content-type" else "CONTENT_TYPE"
        sent[known] = f"{sent[known]},{value}" if known in sent else value
    content_type = sent.pop("CONTENT_TYPE", "application/json")
    client = Client(enforce_csrf_checks=True)
    got = client.generic(request.method, request.path, data=request.body, content_type=content_type, **sent)
    return Answer(got.status_code, got.content, got.headers.get("content-type", ""))


HOSTS = {"starlette": starlette, "fastapi": fastapi, "flask": flask, "django": django}
