"""What a flow is handed: the ports it works through and the rules it works by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import field, frozen

from shopwright.catalog.terms import CatalogTerms
from shopwright.credit.programs import CreditTerms
from shopwright.edges import maybe, of
from shopwright.errors import InvalidValue
from shopwright.ids import OrderNumbers
from shopwright.inventory.places import Places
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.program import PointsProgram
from shopwright.members.terms import MemberTerms
from shopwright.orders.lateness import LateTerms
from shopwright.orders.terms import Terms
from shopwright.payments.errors import NotSent
from shopwright.ports.buyers import Buyers, Strangers
from shopwright.ports.carrier import Carrier
from shopwright.ports.clock import IdSource
from shopwright.ports.gateway import PaymentGateway
from shopwright.ports.notifier import Notifier
from shopwright.ports.observers import Nobody, Observers
from shopwright.ports.outlets import Outlet
from shopwright.ports.people import Anybody, People
from shopwright.ports.referral_signals import NoSignals, ReferralSignals
from shopwright.ports.risk import Risk
from shopwright.ports.search import Searching
from shopwright.ports.storage import Storage
from shopwright.ports.tax import EngineTaxes
from shopwright.ports.vault import Vault
from shopwright.pricing.taxes import TableTaxes
from shopwright.promotions.code_desks import OpenDesk
from shopwright.promotions.engine import Engine
from shopwright.promotions.price_rules import PriceBook
from shopwright.returns.rules import ReturnTerms
from shopwright.statistics.terms import StatisticsTerms
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS

A = TypeVar("A")


@frozen(kw_only=True)
class Ports:
    """The ports of one shop; gateways and carriers by the names that are stored with payments and shipments."""

    storage: Storage
    ids: IdSource
    gateways: Mapping[str, PaymentGateway] = field(factory=dict)
    carriers: Mapping[str, Carrier] = field(factory=dict)
    observers: Observers = field(factory=Nobody)
    buyers: Buyers = field(factory=Strangers)
    terms: Terms = field(factory=Terms, validator=of(Terms))
    numbers: OrderNumbers = field(factory=OrderNumbers, validator=of(OrderNumbers))
    promotions: Engine | None = field(default=None, validator=maybe(of(Engine)))
    prices: PriceBook | None = field(default=None, validator=maybe(of(PriceBook)))
    taxes: TableTaxes | EngineTaxes | None = field(default=None, validator=maybe(of(TableTaxes, EngineTaxes)))
    codes: OpenDesk | None = field(default=None, validator=maybe(of(OpenDesk)))
    loyalty: PointsProgram | None = field(default=None, validator=maybe(of(PointsProgram)))
    credit: CreditTerms | None = field(default=None, validator=maybe(of(CreditTerms)))
    vault: Vault | None = None
    growth: Growth | None = field(default=None, validator=maybe(of(Growth)))
    people: People = field(factory=Anybody)
    referral_signals: ReferralSignals = field(factory=NoSignals)
    notifier: Notifier | None = None
    member_terms: MemberTerms = field(factory=MemberTerms, validator=of(MemberTerms))
    places: Places | None = field(default=None, validator=maybe(of(Places)))
    catalog: CatalogTerms = field(factory=CatalogTerms, validator=of(CatalogTerms))
    risk: Risk | None = field(default=None, validator=maybe(of(Risk)))
    search: Searching | None = field(default=None, validator=maybe(of(Searching)))
    returns: ReturnTerms = field(factory=ReturnTerms, validator=of(ReturnTerms))
    late: LateTerms = field(factory=LateTerms, validator=of(LateTerms))
    outlets: Mapping[str, Outlet] = field(factory=dict)
    statistics: StatisticsTerms = field(factory=StatisticsTerms, validator=of(StatisticsTerms))
    codec: Codec = field(factory=lambda: Codec(KINDS), repr=False)

    def __attrs_post_init__(self) -> None:
        if self.prices is not None and self.promotions is not None:
            both = sorted(self.prices.by_id.keys() & self.promotions.by_id.keys())
            if both:
                raise InvalidValue(f"price rules and promotions must have ids of their own, got {', '.join(both)} for two of them")

    @property
    def own_gateways(self) -> frozenset[str]:
        """The gateways to what the shop itself keeps: points, store credit, gift cards."""
        kept = () if self.credit is None else tuple([it.gateway for it in self.credit.programs])
        points = () if self.loyalty is None or self.loyalty.tender is None else (self.loyalty.tender.gateway,)
        return frozenset((*points, *kept))

    def gateway(self, name: str) -> PaymentGateway:
        """The gateway of this name; raises `InvalidValue` naming those there are. Asked before anything is written for it."""
        return _named("gateway", self.gateways, name)

    def carrier(self, name: str) -> Carrier:
        """The carrier of this name; raises `InvalidValue` naming those there are. Asked before anything is written for it."""
        return _named("carrier", self.carriers, name)

    def outlet(self, name: str) -> Outlet:
        """The outlet of this name; raises `InvalidValue` naming those there are."""
        return _named("outlet", self.outlets, name)

    def reached_gateway(self, name: str) -> PaymentGateway:
        """The gateway of something that is stored; one that the shop no longer has is out of reach (`NotSent`), and can come back."""
        return _reached(self.gateway, name)

    def reached_carrier(self, name: str) -> Carrier:
        """The carrier of something that is stored; one that the shop no longer has is out of reach (`NotSent`), and can come back."""
        return _reached(self.carrier, name)


def _named(kind: str, adapters: Mapping[str, A], name: str) -> A:
    if name not in adapters:
        raise InvalidValue(f"no {kind} is named {name!r}; this shop has {', '.join(sorted(adapters)) or 'none'}")
    return adapters[name]


def _reached(named: Callable[[str], A], name: str) -> A:
    try:
        return named(name)
    except InvalidValue as error:
        raise NotSent(str(error)) from error
