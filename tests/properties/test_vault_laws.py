"""The vault: what was sealed opens for the same person and field, whole, and for nobody and nothing else."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue, MasterKeyMissing, SealBroken
from shopwright.members.sealing import Sealed
from tests.surroundings import peer

peer("cryptography")

from shopwright.adapters.vault import AesVault, Keyring, Master  # noqa: E402  # only where the extra is

OLD, NEW = Master("2025", b"o" * 32), Master("2026", b"n" * 32)
VAULT = AesVault(Keyring([OLD]))
ROTATING, ROTATED = AesVault(Keyring([NEW, OLD])), AesVault(Keyring([NEW]))
ANN, BOB = VAULT.new_key("ann"), VAULT.new_key("bob")

kept = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=50)
names = st.text(min_size=1, max_size=60)
contents = st.binary(max_size=300)


@given(names, st.text())
@example("name", "")
@example("order.ship_to/01", "Ольга Ω 東京\n𝔘" * 300)
def test_what_was_sealed_opens_whole(field: str, text: str) -> None:
    assert VAULT.open(ANN, field, VAULT.seal(ANN, field, text.encode())).decode() == text


@given(contents, st.data())
def test_a_seal_of_which_any_byte_was_changed_does_not_open(content: bytes, data: st.DataObject) -> None:
    sealed = VAULT.seal(ANN, "email", content)
    raw = bytearray(_raw(sealed))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken, match="email of ann does not open"):
        VAULT.open(ANN, "email", _sealed(sealed, bytes(raw)))


@given(contents, st.data())
def test_a_seal_that_was_cut_short_does_not_open(content: bytes, data: st.DataObject) -> None:
    sealed = VAULT.seal(ANN, "email", content)
    raw = _raw(sealed)
    length = data.draw(st.integers(1, len(raw) - 1))
    with pytest.raises(SealBroken):
        VAULT.open(ANN, "email", _sealed(sealed, raw[:length]))


@given(contents, names, names)
@example(b"x", "ab", "a")
def test_a_seal_opens_for_its_own_field_alone(content: bytes, one: str, other: str) -> None:
    assume(one != other)
    with pytest.raises(SealBroken):
        VAULT.open(ANN, other, VAULT.seal(ANN, one, content))


@given(contents)
def test_a_seal_opens_for_its_own_person_alone(content: bytes) -> None:
    sealed = VAULT.seal(ANN, "email", content)
    with pytest.raises(SealBroken):
        VAULT.open(BOB, "email", sealed)
    with pytest.raises(SealBroken):
        VAULT.open(evolve(BOB, id=ANN.id), "email", sealed)


def test_the_key_of_one_person_is_none_of_another() -> None:
    with pytest.raises(SealBroken, match="the key of bob does not open under master '2025'"):
        VAULT.seal(evolve(ANN, subject="bob"), "email", b"x")


def test_another_secret_under_the_name_of_a_master_is_told() -> None:
    with pytest.raises(SealBroken, match="the keyring has another secret under that name, or the stored key was altered"):
        AesVault(Keyring([Master("2025", b"x" * 32)])).seal(ANN, "email", b"x")


def test_a_master_that_the_keyring_lacks_is_named() -> None:
    with pytest.raises(MasterKeyMissing, match="kept under master '2025' and the keyring has 2026"):
        ROTATED.seal(ANN, "email", b"x")


@given(contents)
def test_what_was_sealed_before_a_rotation_opens_after_it_without_the_old_master(content: bytes) -> None:
    sealed = VAULT.seal(ANN, "email", content)
    rotated = ROTATING.rewrapped(ANN)
    assert ROTATED.open(rotated, "email", sealed) == content
    assert ROTATING.rewrapped(rotated) is rotated
    assert (rotated.subject, rotated.id, rotated.master) == (ANN.subject, ANN.id, "2026")


def test_no_two_seals_share_a_nonce_and_no_two_keys_are_alike() -> None:
    nonces = {_raw(VAULT.seal(ANN, "email", b"same"))[:12] for _ in range(5_000)}
    keys = {VAULT.new_key("ann").id for _ in range(500)} | {VAULT.new_key("ann").wrapped[:12] for _ in range(500)}
    assert (len(nonces), len(keys)) == (5_000, 1_000)


@given(kept, kept)
@example("+49401234567", "+49401234568")
def test_a_lookup_is_the_same_for_the_same_text_of_the_same_kind_alone(one: str, other: str) -> None:
    assert VAULT.lookups("phone", one) == VAULT.lookups("phone", one)
    assert VAULT.lookups("phone", one) != VAULT.lookups("email", one)
    assert (VAULT.lookups("phone", one) == VAULT.lookups("phone", other)) == (one == other)


def test_lookups_are_told_under_every_master_the_current_one_first() -> None:
    assert ROTATING.lookups("email", "ann@example.com") == (*ROTATED.lookups("email", "ann@example.com"), *VAULT.lookups("email", "ann@example.com"))
    assert ROTATING.fingerprints("f" * 64) == (*ROTATED.fingerprints("f" * 64), *VAULT.fingerprints("f" * 64))
    assert [it.partition(".")[0] for it in ROTATING.lookups("email", "x")] == ["2026", "2025"] == list(ROTATING.masters)


def test_nothing_secret_is_shown() -> None:
    secret = b"N" * 32
    keyring = Keyring([Master("2026", secret)])
    vault = AesVault(keyring)
    shown = repr((keyring, keyring.masters, vault, vault.new_key("ann"), vault.seal(vault.new_key("ann"), "email", b"ann@example.com")))
    assert "N" * 8 not in shown
    assert "wrapped" not in shown
    assert repr(Sealed("1.k.abcd")) == "Sealed()"


def test_a_keyring_reads_back_its_own_lines() -> None:
    keyring = Keyring([NEW, OLD])
    text = "# masters of the mall\n\n" + "\n".join(master.line() for master in keyring.masters) + "\n"
    assert Keyring.parse(text) == keyring


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a keyring has one master at least"),
        ("2026 c2hvcnQ=", "line 1 of a keyring is not"),
        ("# x\n2026", "line 2 of a keyring is not"),
        (f"a.b {NEW.line().split()[1]}", "line 1 of a keyring is not"),
        ("2026 !!!!", "line 1 of a keyring is not"),
        (f"{NEW.line()}\n{NEW.line()}", "an id and a secret of its own; got 2026, 2026"),
        (f"{NEW.line()}\n2025 {NEW.line().split()[1]}", "an id and a secret of its own; got 2026, 2025"),
    ],
)
def test_a_keyring_that_makes_no_sense_is_refused_and_not_shown(text: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message) as caught:
        Keyring.parse(text)
    assert NEW.line().split()[1] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "ann@example.com", "2.k.abcd", "1..abcd", "1.k.", "1.k.ab+d", "1.k.a.b"])
def test_what_is_no_seal_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidValue, match="is not, and is not shown") as caught:
        Sealed(text)
    assert "ann" not in str(caught.value)


def test_a_person_has_a_name_that_cannot_be_mixed_up_with_a_field() -> None:
    one, other = VAULT.new_key("ab"), VAULT.new_key("a")
    with pytest.raises(SealBroken):
        VAULT.open(evolve(other, id=one.id, wrapped=one.wrapped), "bfield", VAULT.seal(one, "field", b"x"))


def _raw(sealed: Sealed) -> bytes:
    return urlsafe_b64decode(sealed.payload + "=" * (-len(sealed.payload) % 4))


def _sealed(like: Sealed, raw: bytes) -> Sealed:
    return Sealed(f"1.{like.key_id}.{urlsafe_b64encode(raw).decode().rstrip('=')}")
