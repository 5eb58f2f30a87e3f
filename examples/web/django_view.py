"""Notifications of payment providers in Django: `path("payments/<gateway>", receive, {"shop": shop})`."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shopwright import Shop
from shopwright.errors import Conflict, InvalidValue, Outage
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import BODY_LIMIT, RawNotification


@csrf_exempt  # a provider has no cookie of ours; its signature is the proof
@require_POST
def receive(request: HttpRequest, gateway: str, shop: Shop) -> HttpResponse:
    """Hand over what was pushed, byte for byte, and answer in the provider's own words."""
    arrived, body = datetime.now(UTC), request.read(BODY_LIMIT + 1)
    try:
        query = request.META.get("QUERY_STRING", "")
        raw = RawNotification(headers=list(request.headers.items()), body=body, query=query, received_at=arrived)
        ack = shop.payments.receive(gateway, raw)
    except (BadNotification, InvalidValue):  # not the provider's, or no gateway of ours
        return HttpResponse(status=400)
    except (Outage, Conflict):  # the provider sends it again
        return HttpResponse(status=503)
    return HttpResponse(ack.body, status=ack.status, content_type=ack.content_type)
