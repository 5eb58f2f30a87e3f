"""A shop that sells tea in any currency, for tests that pay for it through one simulated provider or another."""

from __future__ import annotations

from shopwright import Address, Cart, CartLine, Money, Order, PayOrder, PlaceOrder, Product, PutProduct, ReceiveStock, Shop, accepted, customer, staff
from shopwright.adapters.simulators.face import Simulation

ANN, CLERK = customer("ann"), staff("clerk")
TOTAL = 12_000


def stocked(shop: Shop, currency: str) -> Shop:
    """The shop with nine teas of 40.00 in it; nothing happens where they are there already."""
    tea = Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(4_000, currency),))
    accepted(shop.goods.put(PutProduct(key="put", by=CLERK, product=tea)))
    accepted(shop.goods.receive(ReceiveStock(key="in", by=CLERK, sku="TEA", quantity=9)))
    return shop


def an_order(simulation: Simulation, *, key: str = "order", capture: bool = True) -> PlaceOrder:
    """Three teas for Ann, 120.00, paid through this simulation."""
    return PlaceOrder(
        key=key,
        by=ANN,
        buyer_id="ann",
        cart=Cart(simulation.currency, (CartLine("TEA", 3),)),
        ship_to=Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"),
        tenders=(simulation.tender(TOTAL, capture=capture),),
    )


def a_pay(order: Order, key: str = "pay") -> PayOrder:
    """Ask for every payment of an order; the buyer comes back to the shop."""
    return PayOrder(key=key, by=ANN, order_id=order.id, return_url="https://mall.example/thanks", notify_url="https://mall.example/notify")
