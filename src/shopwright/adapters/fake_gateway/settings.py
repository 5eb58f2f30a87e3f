"""What a shop knows of its account with the fake provider: who it is, and the secrets between them."""

from __future__ import annotations

from datetime import timedelta

from attrs import field, frozen

from shopwright.adapters.kept_secrets import HoldsSecrets
from shopwright.adapters.signatures import TOLERANCE
from shopwright.edges import Pairs, fact_pairs, members, of, text, whole


@frozen(kw_only=True)
class FakeSettings(HoldsSecrets):
    """An account with the fake provider. Notifications are signed with the first of the `signing_keys` (name, secret) and
    accepted with any of them, so that keys can be changed without a gap. The fee is in basis points of each charge.
    """

    merchant_account: str = field(default="fake_merchant", validator=text(least=1))
    api_secret: str = field(default="sk_fake_0123456789abcdef", validator=text(least=16), repr=False)
    signing_keys: Pairs = field(default=(("k1", "whsec_fake_0123456789abcdef"),), validator=[members(tuple, least=1), fact_pairs], repr=False)
    tolerance: timedelta = field(default=TOLERANCE, validator=of(timedelta))
    fee_basis_points: int = field(default=200, validator=whole(least=0, most=10_000))
