"""The vault keeps the contract of the port, and a kit that every vault passes proves nothing: each of these breaks one promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from shopwright.errors import SealBroken
from shopwright.members.sealing import PersonalKey, Sealed
from shopwright.testing import RotatingVaults, VaultContract
from tests.surroundings import peer

peer("cryptography")

from shopwright.adapters.vault import AesVault, Keyring, Master  # noqa: E402  # only where the extra is

OLD, NEW = Master("2025", b"QwErTyUiOpAsDfGhJkLzXcVbNm123456"), Master("2026", b"0987654321qWeRtYuIoPaSdFgHjKlZxC")


def vaults(make: Callable[[Keyring], Any]) -> RotatingVaults:
    """A vault of this class before, in the middle of and after a rotation."""
    old, rotating, rotated = (make(Keyring(masters)) for masters in ([OLD], [NEW, OLD], [NEW]))
    return RotatingVaults(old=old, rotating=rotating, rotated=rotated, secrets=(OLD.secret, NEW.secret))


class TestTheVault(VaultContract):
    def make_vaults(self) -> RotatingVaults:
        return vaults(AesVault)


class ForgetsTheField(AesVault):
    def seal(self, key: PersonalKey, field: str, content: bytes) -> Sealed:
        return super().seal(key, "", content)

    def open(self, key: PersonalKey, field: str, sealed: Sealed) -> bytes:
        return super().open(key, "", sealed)


class UsesOneNonce(AesVault):
    def __init__(self, keyring: Keyring) -> None:
        super().__init__(keyring, randbytes=lambda count: b"7" * count)


class ShowsItsMasters(AesVault):
    def __repr__(self) -> str:
        return f"ShowsItsMasters({[master.secret for master in self._keyring.masters]})"


class KeepsTheOldMaster(AesVault):
    def rewrapped(self, key: PersonalKey) -> PersonalKey:
        return key


class MakesANewKeyInstead(AesVault):
    def rewrapped(self, key: PersonalKey) -> PersonalKey:
        return key if key.master == self.masters[0] else self.new_key(key.subject)


class NamesTheMasterAlone(AesVault):
    def rewrapped(self, key: PersonalKey) -> PersonalKey:
        return key if key.master == self.masters[0] else evolve(key, master=self.masters[0])


class PutsTheCurrentMasterLast(AesVault):
    def lookups(self, kind: str, text: str) -> tuple[str, ...]:
        return super().lookups(kind, text)[::-1]


class MixesKinds(AesVault):
    def lookups(self, kind: str, text: str) -> tuple[str, ...]:
        return super().lookups("any", text)


class LooksUpInTheOpen(AesVault):
    def lookups(self, kind: str, text: str) -> tuple[str, ...]:
        return tuple(f"{master}.{kind}.{text}" for master in self.masters)


class FingerprintsInTheOpen(AesVault):
    def fingerprints(self, fingerprint: str) -> tuple[str, ...]:
        return (fingerprint,) * len(self.masters)


class GivesNothingForWhatDoesNotOpen(AesVault):
    def open(self, key: PersonalKey, field: str, sealed: Sealed) -> bytes:
        try:
            return super().open(key, field, sealed)
        except Exception:
            return b""


BROKEN = (
    (ForgetsTheField, "test_a_seal_opens_for_its_own_person_field_and_key_alone"),
    (UsesOneNonce, "test_the_same_content_is_never_sealed_alike_and_no_two_keys_are_one"),
    (ShowsItsMasters, "test_nothing_secret_is_shown"),
    (KeepsTheOldMaster, "test_a_rotation_changes_the_master_of_a_key_and_nothing_else"),
    (MakesANewKeyInstead, "test_a_rotation_changes_the_master_of_a_key_and_nothing_else"),
    (NamesTheMasterAlone, "test_a_rotation_changes_the_master_of_a_key_and_nothing_else"),
    (PutsTheCurrentMasterLast, "test_lookups_and_fingerprints_are_told_under_every_master_the_current_one_first"),
    (MixesKinds, "test_a_lookup_tells_texts_and_kinds_apart_and_is_no_fingerprint"),
    (LooksUpInTheOpen, "test_lookups_and_fingerprints_are_told_under_every_master_the_current_one_first"),
    (FingerprintsInTheOpen, "test_lookups_and_fingerprints_are_told_under_every_master_the_current_one_first"),
    (GivesNothingForWhatDoesNotOpen, "test_what_was_altered_or_cut_short_does_not_open"),
    (GivesNothingForWhatDoesNotOpen, "test_without_its_master_a_key_is_of_no_use"),
)


@pytest.mark.parametrize(("broken", "promise"), BROKEN, ids=lambda it: getattr(it, "__name__", it))
def test_a_vault_that_breaks_a_promise_is_found_out(broken: Callable[[Keyring], Any], promise: str) -> None:
    class Kit(VaultContract):
        def make_vaults(self) -> RotatingVaults:
            return vaults(broken)

    with pytest.raises((AssertionError, SealBroken, pytest.fail.Exception)):
        getattr(Kit(), promise)()


def test_a_kit_without_a_vault_says_what_to_override() -> None:
    with pytest.raises(NotImplementedError, match="VaultContract must override make_vaults"):
        VaultContract().make_vaults()
