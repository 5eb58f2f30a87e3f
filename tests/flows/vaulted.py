"""Vaults for flow tests: a keyring before, in the middle of and after a rotation."""

from __future__ import annotations

from typing import Any

from shopwright import Shop
from tests.flows.mall import Mall
from tests.surroundings import peer

peer("cryptography")

from shopwright.adapters.vault import AesVault, Keyring, Master  # noqa: E402  # only where the extra is

OLD, NEW = Master("2025", b"o" * 32), Master("2026", b"n" * 32)
VAULT = AesVault(Keyring([OLD]))
ROTATING = AesVault(Keyring([NEW, OLD]))
ROTATED = AesVault(Keyring([NEW]))
TURNED_BACK = AesVault(Keyring([OLD, NEW]))
VAULTED: dict[str, Any] = {"vault": VAULT}
"""What else a shop with a vault is made of."""


def rotated(mall: Mall) -> Shop:
    """The shop opened with the new master first and the old one after it."""
    mall.ways = {**mall.ways, "vault": ROTATING}
    return mall.reopened()
