"""The ledger of points alone: no shop, no storage. An account and a verb go in, and out come the account afterwards and the entries to keep.

Run it with `python main.py`.
"""

from datetime import UTC, datetime, timedelta

from shopwright.loyalty import (
    Account,
    Cause,
    Earning,
    ExpiresAfter,
    Lot,
    Recourse,
    earn,
    expiring,
    fold,
    hold,
    redeem_held,
    redemption_in,
    restore,
    reverse,
)
from shopwright.refusals import accepted

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
DAY = timedelta(days=1)
A_MONTH = ExpiresAfter("Europe/Berlin", months=1)


def main() -> None:
    """An order earns, a checkout spends, and then both are undone in part."""
    lot = Lot("order-1", 120, NOW, available_from=NOW + 14 * DAY, expires_at=A_MONTH.expires_at(NOW + 14 * DAY))
    old = Lot("birthday", 50, NOW, available_from=NOW, expires_at=A_MONTH.expires_at(NOW))
    posted = [earn(Account("ann/points"), lot, cause=Cause(source="order-1"), at=NOW)]
    posted.append(earn(posted[-1].account, old, cause=Cause(source="birthday"), at=NOW))
    print("on day 0:", posted[-1].account.balance(NOW))

    later = NOW + 20 * DAY
    posted.append(accepted(hold(posted[-1].account, "checkout-7", 80, until=later + DAY, cause=Cause(source="order-2"), at=later)))
    posted.append(accepted(redeem_held(posted[-1].account, "checkout-7", 80, redemption_id="order-2", cause=Cause(), at=later)))
    spent = redemption_in(posted[-1])
    print("spent first what expires first:", [(part.id, part.points) for part in spent.parts])

    back, _ = restore(posted[-1].account, spent, 40, key="return-1", cause=Cause(reason="half of it came back"), at=later)
    taken, _ = reverse(back.account, Earning(lot=lot), 120, key="return-2", recourse=Recourse.UNLIMITED, cause=Cause(), at=later)
    posted += [back, taken]
    print("after two returns:", taken.account.balance(later))
    print("what expires when:", [(str(it.at), it.points) for it in expiring(taken.account, at=later)])

    entries = [entry for it in posted for entry in it.entries]
    assert fold("ann/points", entries) == taken.account
    print(f"{len(entries)} entries tell the same: {sum(entry.change for entry in entries)} points")


if __name__ == "__main__":
    main()
