"""A mall with work to do: ten orders that arrived in spring, and what their buyers are not content with. Every run makes the same one.

Rules
- time stands still at the morning of the clerk: all before it has happened in the days before, on the clock of the mall;
- with a folder the mall stays there, with the books of its payment provider and of its carrier, and the next run goes on with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from shopwright import (
    Address,
    Cart,
    CartLine,
    DeliverShipment,
    DispatchShipment,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    Product,
    PutProduct,
    ReceiveStock,
    ShipOrder,
    Shop,
    Tender,
    accepted,
    customer,
    staff,
)
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.flat_rate import CarrierDesk, FlatRate
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.commands import LoseShipment
from shopwright.flows.exceptions.commands import ReportWrong
from shopwright.flows.returns.commands import ApplyForReturn, ApproveCase, AskForMore, BookReturnLabel, InspectReturn, ReceiveReturn, WithdrawCase
from shopwright.returns.case import Case
from shopwright.returns.labeling import LabelWanted
from shopwright.returns.rules import ReturnRule, ReturnTerms
from shopwright.returns.words import Condition, Disposition, Evidence, EvidenceKind, Finding, Resolution, Why, Wish
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.clock import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS

MORNING = datetime(2026, 4, 20, 9, tzinfo=UTC)
"""When the clerk sits down."""
CLERK = staff("clerk-1")
DOCK = Party(name="The mall", lines=("Returns", "Dock 1"), city="Bremen", postcode="28217", country="DE")
BOX = Parcel(weight_g=2_000, length_mm=400, width_mm=300, height_mm=200)
LABEL = LabelWanted(carrier="flat_rate", to=DOCK, parcels=(BOX,), label_format="txt")
TERMS = ReturnTerms(
    rules=(
        ReturnRule(name="unworn", skus=("SOCKS",), whys=(Why.DEFECTIVE, Why.WRONG_GOODS)),
        ReturnRule(name="thirty_days", window=timedelta(days=30), fee=500),
    )
)
"""Socks come back only where they are the shop's fault; all else within thirty days, less five percent, which nobody pays for a fault of ours."""

GOODS = (
    ("POT", "Teapot, cast iron", "59.00"),
    ("CUP", "Cup, blue glaze", "18.00"),
    ("LAMP", "Reading lamp, brass", "129.00"),
    ("BLANKET", "Blanket, wool", "98.00"),
    ("SOCKS", "Socks, wool, two pairs", "22.00"),
    ("BOOK", "Letters from a lighthouse", "19.90"),
)


@frozen(kw_only=True)
class World:
    """The shop, and the people around it."""

    shop: Shop
    clock: FrozenClock
    desk: CarrierDesk


@contextmanager
def opened(folder: Path | None) -> Iterator[World]:
    """The mall in this folder, or in one that is gone afterwards; made where there is none yet."""
    if folder is None:
        with TemporaryDirectory(prefix="returns-desk-") as gone, opened(Path(gone)) as world:
            yield world
        return
    folder.mkdir(parents=True, exist_ok=True)
    new, clock = not (folder / "mall.sqlite").exists(), FrozenClock(MORNING)
    desk, provider = CarrierDesk(clock=clock, path=folder / "carrier.jsonl"), FakeProvider(clock=clock, path=folder / "provider.jsonl")
    storage = SqliteStorage.open(folder / "mall.sqlite", kinds=KINDS, upgrade=True)
    try:
        shop = Shop(
            storage,
            gateways=(FakeGateway(provider),),
            carriers=(FlatRate(rate=Money.of("4.90", "EUR"), desk=desk),),
            returns=TERMS,
            clock=clock,
            ids=SeededIds(7),
        )
        world = World(shop=shop, clock=clock, desk=desk)
        if new:
            _lived(world)
        yield world
    finally:
        storage.close()


def _lived(world: World) -> None:
    """Let happen what happened before this morning."""
    shop = world.shop
    world.clock.set(MORNING - timedelta(days=24))
    for sku, title, price in GOODS:
        product = Product(sku=sku, title=title, seller_id="house", prices=(Money.of(price, "EUR"),))
        accepted(shop.goods.put(PutProduct(key=f"put {sku}", by=CLERK, product=product)))
        accepted(shop.goods.receive(ReceiveStock(key=f"count {sku}", by=CLERK, sku=sku, quantity=50)))
    photo = Evidence(kind=EvidenceKind.PHOTO, reference="uploads/4711.jpg")
    stories = (
        _Story("ann", "Ann Lee", (("POT", 1), ("CUP", 2)), Wish(line_no=1, units=1, why=Why.DAMAGED, evidence=(photo,)), "the lid is cracked"),
        _Story("bodo", "Bodo Kranz", (("CUP", 4),), Wish(line_no=1, units=2, why=Why.CHANGED_MIND), "two are enough"),
        _Story("chiara", "Chiara Monti", (("LAMP", 1),), Wish(line_no=1, units=1, why=Why.DEFECTIVE), "it hums, and then it is dark"),
        _Story("dilip", "Dilip Rao", (("BLANKET", 1), ("BOOK", 1)), Wish(line_no=1, units=1, why=Why.NOT_AS_DESCRIBED), "I ordered gray"),
        _Story("ewa", "Ewa Nowak", (("BOOK", 3),), Wish(line_no=1, units=1, why=Why.OTHER), "pages are missing?"),
        _Story("farah", "Farah Aziz", (("LAMP", 2),), Wish(line_no=1, units=1, why=Why.CHANGED_MIND), ""),
        _Story("goran", "Goran Ilić", (("CUP", 6),), Wish(line_no=1, units=1, why=Why.MISSING), "five in a box of six"),
        _Story("hana", "Hana Sato", (("BLANKET", 1),), Wish(line_no=1, units=1, why=Why.NOT_AS_DESCRIBED, resolution=Resolution.PARTIAL_REFUND), ""),
        _Story("ivo", "Ivo Duarte", (("BOOK", 1),), Wish(line_no=1, units=1, why=Why.CHANGED_MIND), "my wife likes it"),
        _Story("jule", "Jule Brandt", (("POT", 1),), Wish(line_no=1, units=1, why=Why.WRONG_GOODS, resolution=Resolution.REPLACE), "it is a kettle"),
    )
    orders = [_arrived(world, story) for story in stories]
    cases = []
    for day, (story, order) in enumerate(zip(stories, orders, strict=True)):
        world.clock.set(MORNING - timedelta(days=11 - day, hours=day))
        wishes = (story.wish,)
        apply = ApplyForReturn(key=f"apply {story.buyer}", by=customer(story.buyer), order_id=order.id, wishes=wishes, note=story.note)
        cases.append(accepted(shop.returns.apply(apply)))
    _gone_wrong(world)
    _went_on(world, {case.buyer_id: case for case in cases})
    world.clock.set(MORNING)


def _gone_wrong(world: World) -> None:
    """A parcel that never came, and an address that nobody finds."""
    shop = world.shop
    lost = _sent(world, _Buyer("kim", "Kim Park", (("LAMP", 1),)), at=MORNING - timedelta(days=5))
    accepted(shop.shipping.lose(LoseShipment(key="lost kim", by=CLERK, order_id=lost.id, shipment_id="s1")))
    world.clock.set(MORNING - timedelta(days=2))
    wrong = _bought(world, _Buyer("leo", "Leo Blum", (("BOOK", 2),)))
    accepted(shop.exceptions.report_wrong(ReportWrong(key="wrong leo", by=customer("leo"), order_id=wrong.id, note="it is 17, not 7")))


@frozen
class _Buyer:
    buyer: str
    name: str
    goods: tuple[tuple[str, int], ...]


@frozen
class _Story(_Buyer):
    wish: Wish
    note: str


def _arrived(world: World, story: _Story) -> Order:
    """An order that was brought to the door, two weeks ago."""
    order = _sent(world, story, at=MORNING - timedelta(days=20))
    return accepted(world.shop.shipping.deliver(DeliverShipment(key=f"there {story.buyer}", by=CLERK, order_id=order.id, shipment_id="s1")))


def _sent(world: World, who: _Buyer, *, at: datetime) -> Order:
    """An order that is on its way for two days."""
    shop = world.shop
    world.clock.set(at)
    order = _bought(world, who)
    accepted(shop.shipping.ship(ShipOrder(key=f"ship {who.buyer}", by=CLERK, order_id=order.id)))
    sent = accepted(shop.shipping.dispatch(DispatchShipment(key=f"out {who.buyer}", by=CLERK, order_id=order.id, shipment_id="s1")))
    world.clock.advance(timedelta(days=2))
    return sent


def _bought(world: World, who: _Buyer) -> Order:
    """An order that was paid by card."""
    shop, buyer = world.shop, customer(who.buyer)
    prices = {sku: Money.of(price, "EUR").minor for sku, _, price in GOODS}
    total = sum(prices[sku] * quantity for sku, quantity in who.goods)
    order = accepted(
        shop.orders.place(
            PlaceOrder(
                key=f"place {who.buyer}",
                by=buyer,
                buyer_id=who.buyer,
                cart=Cart("EUR", tuple(CartLine(sku, quantity) for sku, quantity in who.goods)),
                ship_to=Address(who.name, ("7 Harbor Street",), "Hamburg", postcode="20457", country="DE"),
                tenders=(Tender(method="card", amount=total, gateway="fake", source="tok_ok"),),
            )
        )
    )
    return accepted(shop.payments.pay(PayOrder(key=f"pay {who.buyer}", by=buyer, order_id=order.id)))


def _went_on(world: World, cases: dict[str, Case]) -> None:
    """What the colleague of the week before has done about them."""
    returns = world.shop.returns

    world.clock.set(MORNING - timedelta(days=1, hours=6))
    for buyer in ("bodo", "chiara", "dilip", "farah", "goran", "jule"):
        accepted(returns.approve(ApproveCase(key=f"approve {buyer}", by=CLERK, case_id=cases[buyer].id)))
    for buyer in ("chiara", "dilip", "farah"):
        accepted(returns.book_label(BookReturnLabel(key=f"label {buyer}", by=CLERK, case_id=cases[buyer].id, wanted=LABEL)))
    accepted(returns.ask(AskForMore(key="ask ewa", by=CLERK, case_id=cases["ewa"].id, note="Which pages? A photo of one would help.")))
    accepted(returns.withdraw(WithdrawCase(key="withdraw ivo", by=customer("ivo"), case_id=cases["ivo"].id)))
    _scanned(world, cases["chiara"], TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT, TrackStatus.DELIVERED)
    _scanned(world, cases["farah"], TrackStatus.PICKED_UP, TrackStatus.LOST)
    accepted(returns.receive(ReceiveReturn(key="receive dilip", by=CLERK, case_id=cases["dilip"].id)))
    found = (Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.RESTOCK),)
    accepted(returns.inspect(InspectReturn(key="inspect dilip", by=CLERK, case_id=cases["dilip"].id, findings=found)))


def _scanned(world: World, case: Case, *statuses: TrackStatus) -> None:
    """The driver scans the parcel of a case, and the shop hears of it."""
    label = accepted(world.shop.returns.get(case.id)).label
    assert label is not None
    for hours, status in enumerate(statuses):
        world.desk.scan(label.tracking_numbers[0], TrackEvent(at=world.clock.now() + timedelta(hours=hours), status=status))
    for pushed in world.desk.notifications():
        world.shop.shipping.receive("flat_rate", pushed)
