"""Notifications of payment providers in Flask: `app.add_url_rule("/payments/<gateway>", view_func=receive, methods=["POST"])`."""

from datetime import UTC, datetime

from flask import Response, current_app, request

from shopwright.errors import Conflict, InvalidValue, Outage
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import BODY_LIMIT, RawNotification


def receive(gateway: str) -> Response:
    """Hand over what was pushed, byte for byte, and answer in the provider's own words."""
    arrived, body = datetime.now(UTC), request.stream.read(BODY_LIMIT + 1)
    try:
        query = request.query_string.decode("latin-1")
        raw = RawNotification(headers=list(request.headers.items()), body=body, query=query, received_at=arrived)
        ack = current_app.extensions["shop"].payments.receive(gateway, raw)
    except (BadNotification, InvalidValue):  # not the provider's, or no gateway of ours
        return Response(status=400)
    except (Outage, Conflict):  # the provider sends it again
        return Response(status=503)
    return Response(ack.body, ack.status, content_type=ack.content_type)
