"""A mall in forty lines: put goods on sale, take an order, take the money, ship, complete."""

from pathlib import Path
from tempfile import mkdtemp

import shopwright as sw
from shopwright.adapters.fake_gateway import FakeGateway

shop = sw.Shop.open(f"sqlite:///{Path(mkdtemp()) / 'mall.sqlite'}", gateways=[FakeGateway()])
clerk, ann = sw.staff("clerk-1"), sw.customer("ann")

tea = sw.Product(sku="TEA-1", title="Green tea, 100 g", seller_id="tea-house", prices=(sw.Money.of("7.50", "EUR"),))
shop.goods.put(sw.PutProduct(key="put-tea", by=clerk, product=tea))
shop.goods.receive(sw.ReceiveStock(key="tea-arrives", by=clerk, sku="TEA-1", quantity=10))

order = sw.accepted(  # a Refusal would say why not; here it would be a surprise
    shop.orders.place(
        sw.PlaceOrder(
            key="checkout-1",
            by=ann,
            buyer_id="ann",
            cart=sw.Cart("EUR", (sw.CartLine("TEA-1", 2),)),
            shipping=sw.FlatShipping("post", 490),
            ship_to=sw.Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"),
            tenders=(sw.Tender(method="card", amount=1990, gateway="fake", source="tok_ok"),),
        )
    )
)
shop.payments.pay(sw.PayOrder(key="pay-1", by=ann, order_id=order.id))
shop.shipping.ship(sw.ShipOrder(key="ship-1", by=clerk, order_id=order.id))
shop.shipping.dispatch(sw.DispatchShipment(key="out-1", by=clerk, order_id=order.id, shipment_id="s1"))
shop.shipping.deliver(sw.DeliverShipment(key="there-1", by=clerk, order_id=order.id, shipment_id="s1"))
order = sw.accepted(shop.orders.complete(sw.CompleteOrder(key="done-1", by=clerk, order_id=order.id)))

print(f"order {order.number} over {order.total} is {sw.standing(order)}")
for event in shop.orders.history(order.id):
    print(f"{event.number:>3}  {type(event.value).__name__}")
