"""The shop itself: one storage, what goes with it, and a desk for each group of verbs.

    shop = Shop(storage, gateways=(gateway,), carriers=(carrier,))
    order = shop.orders.place(PlaceOrder(...))

Rules
- a `Shop` keeps nothing but its ports and is safe to share between threads;
- every verb takes a command and, optionally, `at=`; without it the shop's clock tells the time;
- every verb answers with a value or a `Refusal`, and raises what `shopwright.errors` draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Unpack

from attrs import field, frozen

from shopwright.adapters.databases import open_storage, upgrade
from shopwright.adapters.system import SystemClock, SystemIds
from shopwright.catalog.terms import CatalogTerms
from shopwright.credit.programs import CreditTerms
from shopwright.flows.growth.knowing import MemberBuyers
from shopwright.flows.ports import Ports
from shopwright.flows.vault.keyed import KeyedOperations
from shopwright.ids import OrderNumbers
from shopwright.inventory.places import Places
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.program import PointsProgram
from shopwright.members.terms import MemberTerms
from shopwright.orders.lateness import LateTerms
from shopwright.orders.terms import Terms
from shopwright.ports.buyers import Buyers, Strangers
from shopwright.ports.carrier import Carrier
from shopwright.ports.clock import Clock, IdSource
from shopwright.ports.gateway import PaymentGateway
from shopwright.ports.kinds import Kinds
from shopwright.ports.notifier import Notifier
from shopwright.ports.observers import Nobody, Observers
from shopwright.ports.outlets import Outlet
from shopwright.ports.people import Anybody, People
from shopwright.ports.referral_signals import NoSignals, ReferralSignals
from shopwright.ports.risk import Risk
from shopwright.ports.search import SearchIndex, Searching
from shopwright.ports.storage import Storage
from shopwright.ports.tax import EngineTaxes
from shopwright.ports.vault import Vault
from shopwright.pricing.taxes import TableTaxes
from shopwright.promotions.code_books import CodeBook
from shopwright.promotions.code_desks import CodeDesk
from shopwright.promotions.engine import Engine
from shopwright.promotions.price_rules import PriceBook, PriceRule, book_of
from shopwright.promotions.promotion import Promotion
from shopwright.returns.rules import ReturnTerms
from shopwright.shop.carts_desk import Backorders, Carts
from shopwright.shop.catalog_desk import Catalog
from shopwright.shop.credit_desk import Credit
from shopwright.shop.events_desk import Events
from shopwright.shop.exceptions_desk import Exceptions
from shopwright.shop.goods_desk import Goods, Shipping
from shopwright.shop.growing import Growing, Tiers
from shopwright.shop.loyalty_desk import Loyalty
from shopwright.shop.members import Members
from shopwright.shop.orders_desk import Orders
from shopwright.shop.payments_desk import Payments
from shopwright.shop.persons import Persons
from shopwright.shop.points_desk import Points
from shopwright.shop.returns_desk import Returns
from shopwright.shop.risk_desk import RiskDesk
from shopwright.shop.search_desk import Search
from shopwright.shop.statistics_desk import Statistics, Visits
from shopwright.shop.stock_desk import StockDesk
from shopwright.shop.upkeep_desk import Upkeep
from shopwright.shop.views_desk import Views
from shopwright.shop.ways import Ways, at_desk, engine_over, judging, named, port, with_credit, with_points
from shopwright.statistics.terms import StatisticsTerms
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS

_DESKS: tuple[type[Any], ...] = (
    *(Orders, Payments, Shipping, Goods, Events),
    *(Persons, Tiers, Points, Members, Growing, Loyalty),
    *(Catalog, StockDesk, Carts, Backorders, Search, RiskDesk, Credit, Exceptions, Returns, Statistics, Visits),
    *(Views, Upkeep),
)
"""The desks of a shop, in the order of its fields."""


@frozen(init=False)
class Shop:
    """A shop over one storage. `gateways` and `carriers` are known by their names; `terms` are frozen on each order, and so is what `prices`
    (price rules, or a book of them) and `promotions` (or an engine over some) take off it, by what `buyers` know of who buys, and what `taxes`
    put on it, by where the goods go.

    `codes` are the issued codes that the shop honors, with a `CodeDesk` also who says how often somebody may be wrong; the promotions that they name
    are then for their holders alone. `growth` is what members are given beside what orders earn; with tiers in it, `buyers` are known by their tiers
    unless they are given. `people` tells what must be known of members, and `referral_signals` what two of them have in common. Raises
    `InvalidValue` for codes of a promotion that the shop does not have.

    `places` are where its goods lie; without them it has one place. `catalog` is how its catalog is kept, and `search` the index in
    which its goods are found; the shop does not close it. By `risk` payments are judged before their gateways are asked.

    By the program `loyalty` orders earn points and are paid with them; `credit` says what other money the shop keeps: store credit, gift cards.
    `outlets` are told what happens, as subscriptions say. `returns` are the terms by which goods come back: two weeks for all of them unless others
    are given. `late` says what is owed for orders that come late, and `statistics` by which calendar and rules the shop counts.

    With a `vault` what is personal is kept sealed under a key per person (`shopwright.flows.vault.sealing`), and the shop can have
    members; a `notifier` sends them their codes.
    """

    ports: Ports
    clock: Clock
    orders: Orders = field(repr=False)
    payments: Payments = field(repr=False)
    shipping: Shipping = field(repr=False)
    goods: Goods = field(repr=False)
    events: Events = field(repr=False)
    persons: Persons = field(repr=False)
    tiers: Tiers = field(repr=False)
    points: Points = field(repr=False)
    members: Members = field(repr=False)
    growth: Growing = field(repr=False)
    loyalty: Loyalty = field(repr=False)
    catalog: Catalog = field(repr=False)
    stock: StockDesk = field(repr=False)
    carts: Carts = field(repr=False)
    backorders: Backorders = field(repr=False)
    search: Search = field(repr=False)
    risk: RiskDesk = field(repr=False)
    credit: Credit = field(repr=False)
    exceptions: Exceptions = field(repr=False)
    returns: Returns = field(repr=False)
    statistics: Statistics = field(repr=False)
    visits: Visits = field(repr=False)
    views: Views = field(repr=False)
    upkeep: Upkeep = field(repr=False)

    def __init__(
        self,
        storage: Storage,
        *,
        gateways: Iterable[PaymentGateway] = (),
        carriers: Iterable[Carrier] = (),
        terms: Terms | None = None,
        numbers: OrderNumbers | None = None,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        observers: Observers | None = None,
        buyers: Buyers | None = None,
        promotions: Engine | Iterable[Promotion] = (),
        prices: PriceBook | Iterable[PriceRule] = (),
        taxes: TableTaxes | EngineTaxes | None = None,
        codes: CodeDesk | CodeBook | None = None,
        vault: Vault | None = None,
        notifier: Notifier | None = None,
        member_terms: MemberTerms | None = None,
        loyalty: PointsProgram | None = None,
        growth: Growth | None = None,
        people: People | None = None,
        referral_signals: ReferralSignals | None = None,
        places: Places | None = None,
        catalog: CatalogTerms | None = None,
        search: SearchIndex | Searching | None = None,
        risk: Risk | None = None,
        credit: CreditTerms | None = None,
        returns: ReturnTerms | None = None,
        late: LateTerms | None = None,
        outlets: Iterable[Outlet] = (),
        statistics: StatisticsTerms | None = None,
    ) -> None:
        kept = port("a storage", storage, "kinds", "load", "commit")
        who = port("people", people or Anybody(), "person", "born_on")
        known = MemberBuyers(kept, growth, who) if growth is not None and growth.tiers is not None else Strangers()
        engine, desk = at_desk(engine_over(promotions), codes)
        ports = Ports(
            storage=kept if vault is None else KeyedOperations(kept, vault),
            ids=port("a source of ids", ids or SystemIds(), "new_id", "randbytes"),
            gateways=named("gateway", gateways),
            carriers=named("carrier", carriers),
            observers=port("observers", observers or Nobody(), "heard"),
            buyers=port("buyers", buyers or known, "known"),
            terms=terms or Terms(),
            numbers=numbers or OrderNumbers(),
            promotions=engine,
            prices=book_of(prices),
            taxes=taxes,
            codes=desk,
            vault=None if vault is None else port("a vault", vault, "masters", "seal", "open"),
            notifier=notifier if notifier is None else port("a notifier", notifier, "send"),
            member_terms=member_terms or MemberTerms(),
            loyalty=loyalty,
            credit=credit,
            growth=growth,
            people=who,
            referral_signals=port("referral signals", referral_signals or NoSignals(), "known"),
            places=places,
            catalog=catalog or CatalogTerms(),
            risk=judging(risk, loyalty, credit, vault),
            search=search if search is None or isinstance(search, Searching) else Searching(search),
            returns=returns or ReturnTerms(),
            late=late or LateTerms(),
            outlets=named("outlet", outlets),
            statistics=statistics or StatisticsTerms(),
            codec=Codec(storage.kinds),
        )
        told = port("a clock", clock or SystemClock(), "now")
        self._furnish(with_credit(with_points(ports, told), told), told)

    def _furnish(self, ports: Ports, told: Clock) -> None:
        """Put up a desk for each group of verbs."""
        self.__attrs_init__(ports, told, *[desk(ports, told) for desk in _DESKS])

    @classmethod
    def open(cls, url: str, *, kinds: Kinds | None = None, **ways: Unpack[Ways]) -> Shop:
        """A shop over the database at a url (`sqlite:///mall.sqlite`, `postgresql://...`), which is made or upgraded first.

        `kinds` are those of the core unless plug-ins add some. Raises what `shopwright.adapters.databases.upgrade` raises. In production
        run `shopwright db upgrade` instead, and give `Shop` a storage.
        """
        kept = KINDS if kinds is None else kinds
        upgrade(url, kinds=kept)
        return cls(open_storage(url, kinds=kept), **ways)

    def close(self) -> None:
        """Let go of the storage."""
        self.ports.storage.close()
