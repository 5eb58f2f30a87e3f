"""Notifications of payment providers in Starlette and FastAPI: `Route("/payments/{gateway}", receive, methods=["POST"])`."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from shopwright.errors import Conflict, InvalidValue, Outage
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import BODY_LIMIT, RawNotification


async def receive(request: Request) -> Response:
    """Hand over what was pushed, byte for byte, and answer in the provider's own words."""
    arrived, body = datetime.now(UTC), bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:  # the shop refuses it unread
            break
    try:
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
        raw = RawNotification(headers=headers, body=bytes(body), query=request.url.query, received_at=arrived)
        ack = await run_in_threadpool(request.app.state.shop.payments.receive, request.path_params["gateway"], raw)
    except (BadNotification, InvalidValue):  # not the provider's, or no gateway of ours
        return Response(status_code=400)
    except (Outage, Conflict):  # the provider sends it again
        return Response(status_code=503)
    return Response(ack.body, ack.status, media_type=ack.content_type)
