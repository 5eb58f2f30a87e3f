"""Money that the shop keeps as means of payment: gateways of our own over the accounts in the shop's storage. Read `gateway.py`, then `desk.py`."""

from shopwright.adapters.credit.gateway import GiftCardGateway, StoreCreditGateway

__all__ = ["GiftCardGateway", "StoreCreditGateway"]
