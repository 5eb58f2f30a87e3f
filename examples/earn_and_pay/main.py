"""Points in a shop: an order earns them, the next one is paid with them, goods come back, and the account tells what happened when and why."""

from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

import shopwright as sw
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.loyalty import account_id
from shopwright.loyalty.earning import EarnRule
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tendering import PointsTender
from shopwright.testing import FrozenClock

clock = FrozenClock()
program = PointsProgram(
    currency="EUR",
    rules=(EarnRule(id="five-for-a-euro", points=5),),
    window=timedelta(days=14),
    tender=PointsTender(points=1, worth=1, least=100, most_share=5_000),
)
url = f"sqlite:///{Path(mkdtemp()) / 'mall.sqlite'}"
shop = sw.Shop.open(url, gateways=[FakeGateway(clock=clock)], clock=clock, loyalty=program)
clerk, ann, anns = sw.staff("clerk-1"), sw.customer("ann"), account_id("ann")
tea = sw.Product(sku="TEA", title="Green tea", seller_id="house", prices=(sw.Money.of("30.00", "EUR"),))
shop.goods.put(sw.PutProduct(key="put", by=clerk, product=tea))
shop.goods.receive(sw.ReceiveStock(key="count", by=clerk, sku="TEA", quantity=9))


def checkout(key: str, in_points: int) -> sw.PlaceOrder:
    points = sw.Tender(method="points", amount=in_points, gateway="points")
    card = sw.Tender(method="card", amount=3_000 - in_points, gateway="fake", source="tok_ok")
    cart, home = sw.Cart("EUR", (sw.CartLine("TEA", 1),)), sw.Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE")
    return sw.PlaceOrder(key=key, by=ann, buyer_id="ann", cart=cart, ship_to=home, tenders=(points, card) if in_points else (card,))


def delivered(key: str, in_points: int) -> sw.Order:
    order = sw.accepted(shop.orders.place(checkout(key, in_points)))
    shop.payments.pay(sw.PayOrder(key=f"{key}-pay", by=ann, order_id=order.id))
    shop.shipping.ship(sw.ShipOrder(key=f"{key}-ship", by=clerk, order_id=order.id))
    shop.shipping.dispatch(sw.DispatchShipment(key=f"{key}-out", by=clerk, order_id=order.id, shipment_id="s1"))
    shop.shipping.deliver(sw.DeliverShipment(key=f"{key}-there", by=clerk, order_id=order.id, shipment_id="s1"))
    return sw.accepted(shop.orders.complete(sw.CompleteOrder(key=f"{key}-done", by=clerk, order_id=order.id)))


def told(what: str) -> None:
    while shop.loyalty.follow():
        pass
    balance = sw.accepted(shop.points.balance(anns))
    print(f"{what:<42} {balance.available:>4} to spend, {balance.pending:>4} to come")


delivered("first", 0)
told("an order of 30.00 has arrived")
clock.advance(timedelta(days=14))
told("it can no longer be returned")
offer = sw.accepted(shop.loyalty.offer(checkout("second", 0)))
print(f"{'the next 30.00':<42} {offer.usable.points:>4} points pay {offer.usable.amount / 100:.2f} of it")
second = delivered("second", offer.usable.amount)
told("they have paid a part of the next order")
back = sw.RefundOrder(key="back", by=clerk, order_id=second.id, amount=second.total, reason="came late")
for payment in sw.accepted(shop.payments.refund(back)).payments:
    print(f"{'given back':<42} {payment.refunded / 100:>7.2f} as {payment.tender.method}")
told("all of the second order has gone back")
for recorded in sw.accepted(shop.points.entries(anns)):
    print(f"  {recorded.value.at:%Y-%m-%d} {type(recorded.value).__name__:<16} {recorded.value.change:+}")
