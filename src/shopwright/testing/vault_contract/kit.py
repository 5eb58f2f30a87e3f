"""The kit as one class, and the one method to override."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

import pytest
from attrs import evolve, field, frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shopwright.errors import MasterKeyMissing, SealBroken
from shopwright.members.sealing import Sealed
from shopwright.ports.vault import Vault

_LAW = settings(max_examples=60, deadline=None, derandomize=True)
_CONTENTS = st.binary(max_size=300)
_NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=60)
_LOOKUP = re.compile(r"[A-Za-z0-9_-]{1,40}\.[0-9a-f]{32,128}")


@frozen(kw_only=True)
class RotatingVaults:
    """One vault with three keyrings: the old master alone, the new one first and the old one after it, the new one alone."""

    old: Vault
    rotating: Vault
    rotated: Vault
    secrets: tuple[bytes, ...] = field(default=(), repr=False)


class VaultContract:
    """Every promise of the vault port. Inherit, override `make_vaults`, done."""

    def make_vaults(self) -> RotatingVaults:
        """The vault before, in the middle of and after a rotation."""
        raise NotImplementedError(f"{type(self).__name__} must override make_vaults and return RotatingVaults")

    def test_it_is_a_vault_whose_current_master_is_the_first(self) -> None:
        vaults = self.make_vaults()
        assert isinstance(vaults.old, Vault)
        (old,), (new,) = vaults.old.masters, vaults.rotated.masters
        assert vaults.rotating.masters == (new, old)
        assert [vault.new_key("ann").master for vault in (vaults.old, vaults.rotating, vaults.rotated)] == [old, new, new]

    def test_what_was_sealed_opens_whole(self) -> None:
        vault = self.make_vaults().old
        ann = vault.new_key("ann")

        @_LAW
        @given(_NAMES, _CONTENTS)
        def law(name: str, content: bytes) -> None:
            assert vault.open(ann, name, vault.seal(ann, name, content)) == content

        law()

    def test_a_seal_opens_for_its_own_person_field_and_key_alone(self) -> None:
        vault = self.make_vaults().old
        ann, bob, again = vault.new_key("ann"), vault.new_key("bob"), vault.new_key("ann")

        @_LAW
        @given(_NAMES, _NAMES, _CONTENTS)
        def law(name: str, other: str, content: bytes) -> None:
            assume(name != other)
            sealed = vault.seal(ann, name, content)
            for key, field_ in ((ann, other), (bob, name), (again, name), (evolve(bob, id=ann.id), name), (evolve(ann, subject="bob"), name)):
                with pytest.raises(SealBroken):
                    vault.open(key, field_, sealed)

        law()

    def test_what_was_altered_or_cut_short_does_not_open(self) -> None:
        vault = self.make_vaults().old
        ann = vault.new_key("ann")

        @_LAW
        @given(_CONTENTS, st.data())
        def law(content: bytes, data: st.DataObject) -> None:
            raw = bytearray(_raw(vault.seal(ann, "x", content)))
            place = data.draw(st.integers(0, len(raw) - 1))
            short = bytes(raw[:place])
            raw[place] ^= data.draw(st.integers(1, 255))
            for wrong in (bytes(raw), short) if short else (bytes(raw),):
                with pytest.raises(SealBroken):
                    vault.open(ann, "x", Sealed(f"1.{ann.id}.{urlsafe_b64encode(wrong).decode().rstrip('=')}"))

        law()

    def test_a_key_that_was_altered_does_not_open(self) -> None:
        vault = self.make_vaults().old
        ann = vault.new_key("ann")
        for place in range(len(ann.wrapped)):
            wrong = bytes(byte ^ (place == at) for at, byte in enumerate(ann.wrapped))
            with pytest.raises(SealBroken):
                vault.seal(evolve(ann, wrapped=wrong), "x", b"x")

    def test_the_same_content_is_never_sealed_alike_and_no_two_keys_are_one(self) -> None:
        vault = self.make_vaults().old
        ann = vault.new_key("ann")
        assert len({vault.seal(ann, "x", b"same").text for _ in range(200)}) == 200
        assert len({vault.new_key("ann").id for _ in range(200)}) == 200

    def test_a_rotation_changes_the_master_of_a_key_and_nothing_else(self) -> None:
        vaults = self.make_vaults()
        ann = vaults.old.new_key("ann")
        sealed, rotated = vaults.old.seal(ann, "x", b"before"), vaults.rotating.rewrapped(ann)
        assert evolve(rotated, master=ann.master, wrapped=ann.wrapped) == ann
        assert rotated.master == vaults.rotated.masters[0]
        assert vaults.rotating.rewrapped(rotated) is rotated
        assert vaults.rotating.open(ann, "x", sealed) == vaults.rotated.open(rotated, "x", sealed) == b"before"

    def test_without_its_master_a_key_is_of_no_use(self) -> None:
        vaults = self.make_vaults()
        ann = vaults.old.new_key("ann")
        sealed = vaults.old.seal(ann, "x", b"before")
        with pytest.raises(MasterKeyMissing, match=ann.master):
            vaults.rotated.open(ann, "x", sealed)
        with pytest.raises(MasterKeyMissing, match=ann.master):
            vaults.rotated.seal(ann, "x", b"after")
        with pytest.raises(MasterKeyMissing, match=ann.master):
            vaults.rotated.rewrapped(ann)

    def test_lookups_and_fingerprints_are_told_under_every_master_the_current_one_first(self) -> None:
        vaults = self.make_vaults()

        @_LAW
        @given(_NAMES)
        def law(text: str) -> None:
            assert vaults.rotating.lookups("email", text) == (*vaults.rotated.lookups("email", text), *vaults.old.lookups("email", text))
            assert vaults.rotating.fingerprints(text) == (*vaults.rotated.fingerprints(text), *vaults.old.fingerprints(text))
            assert len({text, *vaults.rotating.fingerprints(text)}) == 3
            for lookup, master in zip(vaults.rotating.lookups("email", text), vaults.rotating.masters, strict=True):
                assert _LOOKUP.fullmatch(lookup)
                assert lookup.startswith(f"{master}.")

        law()

    def test_a_lookup_tells_texts_and_kinds_apart_and_is_no_fingerprint(self) -> None:
        vault = self.make_vaults().old

        @_LAW
        @given(_NAMES, _NAMES)
        def law(one: str, other: str) -> None:
            assert (vault.lookups("email", one) == vault.lookups("email", other)) == (one == other)
            assert (vault.fingerprints(one) == vault.fingerprints(other)) == (one == other)
            assert vault.lookups("email", one) != vault.lookups("phone", one)
            assert vault.lookups("email", one) != vault.fingerprints(one)

        law()

    def test_nothing_secret_is_shown(self) -> None:
        vaults = self.make_vaults()
        ann = vaults.old.new_key("ann")
        told = [repr((vaults, vaults.old, vaults.rotating, ann, vaults.old.seal(ann, "x", b"ann@mall.example")))]
        try:
            vaults.rotated.seal(ann, "x", b"ann@mall.example")
        except MasterKeyMissing as error:
            told.append(repr(error) + str(error))
        shown = "".join(told)
        forms = [form for secret in vaults.secrets for form in (repr(secret)[2:-1], secret.hex(), b64encode(secret).decode().rstrip("="))]
        assert [form for form in (*forms, "ann@mall.example") if form in shown] == []


def _raw(sealed: Sealed) -> bytes:
    return urlsafe_b64decode(sealed.payload + "=" * (-len(sealed.payload) % 4))
