"""Points as a means of payment: a gateway of our own over the points accounts of the shop's storage. Read `gateway.py`, then `desk.py`."""

from shopwright.adapters.points.gateway import PointsGateway

__all__ = ["PointsGateway"]
