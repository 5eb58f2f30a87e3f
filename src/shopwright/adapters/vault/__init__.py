"""The vault of a shop: AES-256-GCM under a keyring of masters that the host gives. Needs the extra `members`."""

from shopwright.adapters.vault.keyring import Keyring, Master
from shopwright.adapters.vault.vault import AesVault

__all__ = ["AesVault", "Keyring", "Master"]
