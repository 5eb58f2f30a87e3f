"""By what payments are known to belong together, as keyed hashes: nobody finds an address, a number or a name in what a shop keeps of them.

Rules
- a value is brought to one form before it is hashed, so that small differences in writing make no other link;
- the hash is made under the first key of the shop (`Risk.keys`, else the masters of its vault); what was kept under an older one is still found,
  and brought under the first when it is next touched;
- the same value of two kinds of link, such as a name of a device that is an address too, makes two hashes.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

from attrs import field, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.payments.risk.velocities import Link
from shopwright.ports.risk import Risk

_DIGITS = 32
"""How many hexadecimal digits of a hash are kept: 128 bits, so that no two values are ever one."""


def risk_of(ports: Ports) -> Risk:
    """How the shop judges payments; raises `InvalidValue` where it does not."""
    if ports.risk is None:
        raise InvalidValue("this shop judges no payments; give it rules: Shop(storage, risk=Risk(policies={'EUR': RiskPolicy(...)}, keys=(key,)))")
    return ports.risk


@frozen
class Hashed:
    """A link: its value under the first key, and what it may have been kept under before."""

    link: Link
    value: str
    older: tuple[str, ...] = field(default=(), repr=False)


def hashed(ports: Ports, link: Link, text: str) -> Hashed:
    """The link that this value makes."""
    plain = normal(link, text)
    risk = risk_of(ports)
    if risk.keys:
        first, *older = [_under(key, link, plain) for key in risk.keys]
    elif ports.vault is not None:
        first, *older = ports.vault.lookups(f"risk/{link.value}", plain)
    else:
        raise InvalidValue("links are kept as keyed hashes alone: give Risk keys, such as (secrets.token_bytes(32),), or the shop a vault")
    return Hashed(link, first, tuple(older))


def _under(key: bytes, link: Link, plain: str) -> str:
    return hmac.new(key, f"{link.value}\x00{plain}".encode(), sha256).hexdigest()[:_DIGITS]


def normal(link: Link, text: str) -> str:
    """A value in its one form: mail and addresses in small letters and single spaces, numbers of phones as digits, all else as it is."""
    match link:
        case Link.EMAIL | Link.IP:
            return text.strip().casefold()
        case Link.PHONE:
            return re.sub(r"\D", "", text).lstrip("0")
        case Link.ADDRESS:
            return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())
        case _:
            return text.strip()
