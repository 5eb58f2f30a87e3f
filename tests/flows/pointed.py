"""Points at a mall, for the tests of all flows: what commands about them are made of, what crashes, what is wrong, and what must be in the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shopwright import accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.points import commands as p
from shopwright.loyalty import Account, Earning, Lot, Rate, Recourse, Redemption, fold
from shopwright.loyalty.lots import DebitOrder
from shopwright.loyalty.opening import OpeningLot
from shopwright.periods import Window
from shopwright.ports.storage import Query
from tests.flows.mall import CLERK, START, Mall

ANNS, BOBS = "points/ann", "points/bob"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

_ABOUT: dict[str, Any] = {"account_id": ANNS, "source": "o1", "reason": "as promised"}

_OPENING = OpeningLot(line=2, account_id=ANNS, lot=Lot("old/1", 5, START - DAY, available_from=START - DAY, expires_at=START + DAY))

POINTS_PARTS: dict[type[Command], dict[str, Any]] = {
    p.GrantPoints: {
        **_ABOUT,
        "lot_id": "lot",
        "points": 10,
        "available_from": START,
        "expires_at": START + 9 * DAY,
        "earned_at": START,
        "lines": ((1, 6), (2, 4)),
        "desired": 12,
        "rule": "base",
        "rule_version": 2,
    },
    p.ActivatePoints: {**_ABOUT, "lot_id": "lot", "available_from": START, "expires_at": START + 9 * DAY},
    p.HoldPoints: {**_ABOUT, "hold_id": "h1", "points": 3, "until": START + DAY, "order": DebitOrder.OLDEST_FIRST},
    p.ReleasePoints: {**_ABOUT, "hold_id": "h1"},
    p.RedeemPoints: {**_ABOUT, "redemption_id": "r1", "points": 3},
    p.ExchangePoints: {**_ABOUT, "prize": "five-off", "redemption_id": "r1"},
    p.RedeemHeldPoints: {**_ABOUT, "hold_id": "h1", "redemption_id": "r1", "points": 2},
    p.RestorePoints: {**_ABOUT, "redemption_id": "r1", "points": 1, "reinstate": DAY},
    p.ReversePoints: {**_ABOUT, "lot_id": "lot", "points": 4, "recourse": Recourse.UNLIMITED},
    p.ExtendPoints: {**_ABOUT, "lot_id": "lot", "expires_at": START + 20 * DAY},
    p.TransferPoints: {**_ABOUT, "to_account_id": "miles/bob", "transfer_id": "t1", "points": 4, "rate": Rate(2, 3)},
    p.MergePoints: {"member_id": "bob", "into_member_id": "ann", "reason": "one and the same"},
    p.ImportPoints: {"source": "old", "lots": (_OPENING,)},
}
"""What a good command of each kind has, beside its key and who asks."""


def send(mall: Mall, kind: type[Command], key: str, **facts: Any) -> Any:
    """A good command of this kind, but for these facts, at the desk of points."""
    desk, verb = mall.shop.points, VERBS[kind]
    return getattr(desk, verb)(kind(**{"key": key, "by": CLERK, **POINTS_PARTS[kind], **facts}))


_MANY = tuple(
    OpeningLot(line=n, account_id=f"points/m{n % 2}", lot=Lot(f"old/{n}", n, START - DAY, expires_at=None if n % 3 else START)) for n in range(1, 9)
)

VERBS: dict[type[Command], str] = {
    p.GrantPoints: "grant",
    p.ActivatePoints: "activate",
    p.HoldPoints: "hold",
    p.ReleasePoints: "release",
    p.RedeemPoints: "redeem",
    p.ExchangePoints: "exchange",
    p.RedeemHeldPoints: "redeem_held",
    p.RestorePoints: "restore",
    p.ReversePoints: "reverse",
    p.ExtendPoints: "extend",
    p.TransferPoints: "transfer",
    p.MergePoints: "merge",
    p.ImportPoints: "bring_along",
}


def granted(mall: Mall) -> None:
    """Ann has ten points, which expire in nine days."""
    accepted(send(mall, p.GrantPoints, "granted"))


def _waiting(mall: Mall) -> None:
    accepted(send(mall, p.GrantPoints, "granted", wait=True, available_from=None))


def held(mall: Mall) -> None:
    """Three of them are held."""
    granted(mall)
    accepted(send(mall, p.HoldPoints, "held"))


def redeemed(mall: Mall) -> None:
    """Three of them are spent."""
    granted(mall)
    accepted(send(mall, p.RedeemPoints, "redeemed"))


def _redeemed_long_ago(mall: Mall) -> None:
    redeemed(mall)
    mall.clock.advance(10 * DAY)


def _lapsed(mall: Mall) -> None:
    for name in ("ann", "bob"):
        for number in (1, 2):
            account_id, lot_id = f"points/{name}", f"{name}-{number}"
            accepted(send(mall, p.GrantPoints, lot_id, account_id=account_id, lot_id=lot_id, expires_at=START + number * DAY))
    accepted(send(mall, p.HoldPoints, "held"))
    mall.clock.advance(3 * DAY)


def _two_members(mall: Mall) -> None:
    _lapsed(mall)
    accepted(send(mall, p.GrantPoints, "more", lot_id="bob-3", account_id=BOBS, expires_at=None))
    accepted(send(mall, p.HoldPoints, "his", hold_id="h2", account_id=BOBS, until=START + 5 * DAY))
    accepted(send(mall, p.GrantPoints, "miles", lot_id="bob-4", account_id="miles/bob", expires_at=None))


def _sent(kind: type[Command], **facts: Any) -> Callable[[Mall, Any], Any]:
    return lambda mall, _: send(mall, kind, "deed", **facts)


POINTS_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("grant points", flows.grant_points, lambda mall: None, _sent(p.GrantPoints)),
    ("activate points", flows.activate_points, _waiting, _sent(p.ActivatePoints)),
    ("hold points", flows.hold_points, granted, _sent(p.HoldPoints)),
    ("release points", flows.release_points, held, _sent(p.ReleasePoints)),
    ("redeem points", flows.redeem_points, granted, _sent(p.RedeemPoints)),
    ("redeem held points", flows.redeem_held_points, held, _sent(p.RedeemHeldPoints)),
    ("restore points", flows.restore_points, redeemed, _sent(p.RestorePoints)),
    ("restore points that have lapsed", flows.restore_points, _redeemed_long_ago, _sent(p.RestorePoints)),
    ("reverse points", flows.reverse_points, redeemed, _sent(p.ReversePoints, points=10)),
    ("extend points", flows.extend_points, granted, _sent(p.ExtendPoints)),
    ("expire points", flows.expire_points, _lapsed, lambda mall, _: mall.shop.points.expire()),
    ("transfer points", flows.transfer_points, granted, _sent(p.TransferPoints)),
    ("merge points", flows.merge_points, _two_members, _sent(p.MergePoints)),
    ("import points", flows.import_points, held, _sent(p.ImportPoints, lots=_MANY)),
)
"""For every flow of points: what came before, and the deed that crashes and is sent again."""


def points_of(mall: Mall) -> dict[str, Any]:
    """All that is kept of points, held against the entries."""
    accounts = {stored.value.id: stored.value for stored in mall.storage.find(Query(Account, limit=1_000)).items}
    for id, account in accounts.items():
        told = [recorded.value for recorded in mall.storage.read("points", key=id, limit=1_000)]
        assert fold(id, told) == account
    kept = [mall.storage.find(Query(kind, limit=1_000)).items for kind in (Earning, Redemption)]
    return {"accounts": accounts, "kept": [[stored.value for stored in items] for items in kept]}


def _case(name: str, kind: type[Command], expected: type[Exception] | str, match: str | None = None, **facts: Any) -> tuple[Any, ...]:
    return name, lambda mall: send(mall, kind, "deed", **facts), expected, match


_BOB = customer("bob")
_ODD_IDS = ("ann", "/ann", "points/", "Points/ann", "points/" + "x" * 200)


def _asked(verb: str, *args: Any, **facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: getattr(mall.shop.points, verb)(*args, **facts)


def _about_an_account(verb: str, *args: Any) -> list[tuple[Any, ...]]:
    return [
        *((f"{id[:12]!r} for an id", _asked(verb, id, *args), InvalidValue, "account_id must") for id in _ODD_IDS),
        ("nothing for an id", _asked(verb, None, *args), InvalidValue, "account_id must be text"),
        ("nobody asks", _asked(verb, ANNS, *args, by=None), InvalidValue, "customer"),
        ("somebody else asks", _asked(verb, ANNS, *args, by=_BOB), "account_not_found"),
    ]


POINTS_CASES: dict[str, list[tuple[Any, ...]]] = {
    "points.account": _about_an_account("account"),
    "points.balance": _about_an_account("balance"),
    "points.expiring": _about_an_account("expiring"),
    "points.entries": [*_about_an_account("entries"), ("no limit", _asked("entries", ANNS, limit=0), InvalidValue, "limit")],
    "points.statement": [
        *_about_an_account("statement", Window(START, START + DAY)),
        ("without an end", _asked("statement", ANNS, Window(START, None)), InvalidValue, "to have an end"),
        ("no window", _asked("statement", ANNS, (START, START)), InvalidValue, "expected a Window"),
    ],
    "points.accounts_of": [
        ("nobody", _asked("accounts_of", ""), InvalidValue, "the member of a points account"),
        ("nobody asks", _asked("accounts_of", "ann", by=None), InvalidValue, "customer"),
        ("somebody else asks", _asked("accounts_of", "ann", by=_BOB), "account_not_found"),
    ],
    "points.earning": [
        ("nothing", _asked("earning", None), InvalidValue, "lot id"),
        ("nobody asks", _asked("earning", "lot", by=None), InvalidValue, "customer"),
        ("none of this id", _asked("earning", "lot"), "lot_unknown"),
    ],
    "points.redemption": [
        ("nothing", _asked("redemption", None), InvalidValue, "redemption id"),
        ("none of this id", _asked("redemption", "r1"), "redemption_unknown"),
    ],
    "points.grant": [
        _case("a customer", p.GrantPoints, InvalidValue, "for staff", by=_BOB),
        _case("lines that do not sum", p.GrantPoints, InvalidValue, "must sum to 10", lines=((1, 9),)),
        _case("both a word and a moment", p.GrantPoints, InvalidValue, "got both", wait=True),
        _case("earned tomorrow", p.GrantPoints, InvalidValue, "to be earned by now", earned_at=START + DAY, available_from=None),
        _case("expired before they are available", p.GrantPoints, InvalidValue, "must expire after", expires_at=START),
        _case("no points", p.GrantPoints, InvalidValue, "points", points=0),
    ],
    "points.activate": [_case("no such lot", p.ActivatePoints, "lot_unknown")],
    "points.hold": [
        _case("more than there are", p.HoldPoints, "points_short"),
        _case("of somebody else", p.HoldPoints, "account_not_found", by=_BOB),
        _case("until now", p.HoldPoints, InvalidValue, "expected a hold to end after", until=START),
    ],
    "points.release": [
        _case("no such hold", p.ReleasePoints, "hold_unknown"),
        _case("of somebody else", p.ReleasePoints, "account_not_found", by=_BOB),
    ],
    "points.redeem": [
        _case("more than there are", p.RedeemPoints, "points_short"),
        _case("of somebody else", p.RedeemPoints, "account_not_found", by=_BOB),
    ],
    "points.exchange": [_case("in a shop without a program", p.ExchangePoints, InvalidValue, "a shop with a points program")],
    "points.redeem_held": [
        _case("no such hold", p.RedeemHeldPoints, "hold_unknown"),
        _case("of somebody else", p.RedeemHeldPoints, "account_not_found", by=_BOB),
    ],
    "points.restore": [
        _case("no such redemption", p.RestorePoints, "redemption_unknown"),
        _case("for no time", p.RestorePoints, InvalidValue, "longer than nothing", reinstate=timedelta(0)),
    ],
    "points.reverse": [_case("no such lot", p.ReversePoints, "lot_unknown")],
    "points.extend": [_case("no such lot", p.ExtendPoints, "lot_unknown")],
    "points.counted": [("a place without a zone", _asked("counted", zone="nowhere"), InvalidValue, "zone")],
    "points.transfer": [
        _case("more than there are", p.TransferPoints, "points_short"),
        _case("what cannot be divided", p.TransferPoints, "points_indivisible", points=3),
        _case("of somebody else", p.TransferPoints, "account_not_found", by=_BOB, rate=None, to_account_id=BOBS),
        _case("converted by a customer", p.TransferPoints, InvalidValue, "by staff", by=customer("ann")),
        _case("without a rate", p.TransferPoints, InvalidValue, "rate must be given between two kinds", rate=None),
        _case("at a rate within a kind", p.TransferPoints, InvalidValue, "rate must be given", to_account_id=BOBS),
        _case("to oneself", p.TransferPoints, InvalidValue, "must be another account", to_account_id=ANNS),
    ],
    "points.merge": [
        _case("one member", p.MergePoints, InvalidValue, "must be another member", member_id="ann"),
        _case("a customer", p.MergePoints, InvalidValue, "for staff", by=_BOB),
    ],
    "points.bring_along": [
        _case("nothing", p.ImportPoints, InvalidValue, "1 to 10000 lots", lots=()),
        _case("too much", p.ImportPoints, InvalidValue, "1 to 10000 lots", lots=(_OPENING,) * 10_001),
        _case("a customer", p.ImportPoints, InvalidValue, "for staff", by=_BOB),
    ],
    "points.expire": [
        ("no limit", _asked("expire", limit=0), InvalidValue, "limit"),
        ("progress to nobody", _asked("expire", progress="bar"), InvalidValue, "progress"),
    ],
}
"""For every verb of the desk: what is wrong, how it is sent, and the refusal or the exception that it gets."""
