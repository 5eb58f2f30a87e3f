"""What a shop is made of besides its storage, and whether that will do: a wrong part is told when the shop is made, not when it is first needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict, TypeVar

from attrs import evolve

from shopwright.adapters.credit import GiftCardGateway, StoreCreditGateway
from shopwright.adapters.points import PointsGateway
from shopwright.catalog.terms import CatalogTerms
from shopwright.credit.programs import CreditTerms
from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.ids import OrderNumbers
from shopwright.inventory.places import Places
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.program import PointsProgram
from shopwright.members.terms import MemberTerms
from shopwright.orders.lateness import LateTerms
from shopwright.orders.terms import Terms
from shopwright.ports.buyers import Buyers
from shopwright.ports.carrier import Carrier
from shopwright.ports.clock import Clock, IdSource
from shopwright.ports.gateway import PaymentGateway
from shopwright.ports.notifier import Notifier
from shopwright.ports.observers import Observers
from shopwright.ports.outlets import Outlet
from shopwright.ports.people import People
from shopwright.ports.referral_signals import ReferralSignals
from shopwright.ports.risk import Risk
from shopwright.ports.search import SearchIndex, Searching
from shopwright.ports.tax import EngineTaxes
from shopwright.ports.vault import Vault
from shopwright.pricing.taxes import TableTaxes
from shopwright.promotions.code_books import CodeBook
from shopwright.promotions.code_desks import CodeDesk, OpenDesk, for_holders
from shopwright.promotions.engine import Engine
from shopwright.promotions.price_rules import PriceBook, PriceRule
from shopwright.promotions.promotion import Promotion
from shopwright.returns.rules import ReturnTerms
from shopwright.statistics.terms import StatisticsTerms

N = TypeVar("N", PaymentGateway, Carrier, Outlet)
P = TypeVar("P")


class Ways(TypedDict, total=False):
    """What else a shop is made of; see `Shop`."""

    gateways: Iterable[PaymentGateway]
    carriers: Iterable[Carrier]
    terms: Terms | None
    numbers: OrderNumbers | None
    clock: Clock | None
    ids: IdSource | None
    observers: Observers | None
    buyers: Buyers | None
    promotions: Engine | Iterable[Promotion]
    prices: PriceBook | Iterable[PriceRule]
    taxes: TableTaxes | EngineTaxes | None
    codes: CodeDesk | CodeBook | None
    growth: Growth | None
    people: People | None
    referral_signals: ReferralSignals | None
    vault: Vault | None
    loyalty: PointsProgram | None
    notifier: Notifier | None
    member_terms: MemberTerms | None
    places: Places | None
    catalog: CatalogTerms | None
    risk: Risk | None
    credit: CreditTerms | None
    search: SearchIndex | Searching | None
    returns: ReturnTerms | None
    late: LateTerms | None
    outlets: Iterable[Outlet]
    statistics: StatisticsTerms | None


_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def named(kind: str, adapters: Iterable[N]) -> dict[str, N]:
    """Adapters by their names. Raises `InvalidValue` for a name that cannot stand in a key, and for two of one name."""
    found: dict[str, N] = {}
    for adapter in adapters:
        name = getattr(adapter, "name", None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidValue(f"the name of a {kind} is a letter and up to 59 more of a-z, 0-9 and _; got {name!r} from {adapter!r}")
        if adapter.name in found:
            raise InvalidValue(f"a shop has one {kind} of each name; got {adapter.name!r} twice")
        found[adapter.name] = adapter
    return found


def port(what: str, given: P, *methods: str) -> P:
    """The same port, if it has what a port of its kind has first of all; raises `InvalidValue` otherwise."""
    lacking = [name for name in methods if not hasattr(given, name)]
    if lacking or isinstance(given, type):
        raise InvalidValue(f"expected {what} with {', '.join(methods)}, got {given!r}")
    return given


def with_points(ports: Ports, clock: Clock) -> Ports:
    """The ports with a gateway for the points of the program, where those pay and the host gave none of that name."""
    program = ports.loyalty
    if program is None or program.tender is None or program.tender.gateway in ports.gateways:
        return ports
    gateway = PointsGateway(ports, program, clock=clock)
    return evolve(ports, gateways={**ports.gateways, gateway.name: gateway})


def with_credit(ports: Ports, clock: Clock) -> Ports:
    """The ports with gateways for the money that the shop keeps, where the host gave none of their names."""
    if ports.credit is None:
        return ports
    store, cards = ports.credit.store, ports.credit.cards
    made: list[PaymentGateway] = []
    if store is not None:
        made.append(StoreCreditGateway(ports, store, clock=clock))
    if cards is not None:
        made.append(GiftCardGateway(ports, cards, clock=clock))
    return evolve(ports, gateways={**{it.name: it for it in made}, **ports.gateways})


def judging(given: Risk | None, program: PointsProgram | None, credit: CreditTerms | None, vault: Vault | None) -> Risk | None:
    """How payments are judged, those with points and with money that the shop keeps left out.

    Raises `InvalidValue` for what is no `Risk`, and for one whose links nobody could hash.
    """
    if given is None:
        return None
    if not isinstance(given, Risk):
        raise InvalidValue(f"expected risk as a Risk, got {type(given).__name__}")
    if not given.keys and vault is None:
        raise InvalidValue("links are kept as keyed hashes alone: give Risk keys, such as (secrets.token_bytes(32),), or the shop a vault")
    own = {program.tender.gateway} if program is not None and program.tender is not None else set[str]()
    kept = {it.gateway for it in credit.programs} if credit is not None else set[str]()
    return evolve(given, unjudged=given.unjudged | own | kept) if own or kept else given


def engine_over(given: Engine | Iterable[Promotion]) -> Engine | None:
    """The engine over some promotions, `None` over none."""
    engine = given if isinstance(given, Engine) else Engine(given)
    return engine if engine.promotions else None


def at_desk(engine: Engine | None, codes: CodeDesk | CodeBook | None) -> tuple[Engine | None, OpenDesk | None]:
    """The promotions, those that codes claim for their holders alone, and the desk that is opened over them.

    Raises `InvalidValue` for what are no codes, and for codes of a promotion that is not there.
    """
    if codes is None:
        return engine, None
    desk = CodeDesk(codes) if isinstance(codes, CodeBook) else codes
    if not isinstance(desk, CodeDesk):
        raise InvalidValue(f"expected codes as a CodeDesk or a CodeBook, got {type(codes).__name__}")
    known = Engine(()) if engine is None else engine  # without a promotion, every code is one that nobody knows
    opened = OpenDesk(desk, known.promotions)
    return Engine(for_holders(known.promotions, desk.book), stacking=known.stacking, how=known.how), opened
