"""`shopwright vault`, as somebody at a terminal meets it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from shopwright import Shop
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.cli import main
from shopwright.flows.vault.sealing import box, kept_box
from shopwright.testing.clock import NOON
from shopwright.wire.kinds import KINDS
from tests.surroundings import peer

peer("cryptography")

from shopwright.adapters.vault import AesVault, Keyring, Master  # noqa: E402  # only where the extra is

OLD, NEW = Master("2025", b"o" * 32), Master("2026", b"n" * 32)


@pytest.fixture
def mall(tmp_path: Path) -> Path:
    """A database with three persons under the old master, two of them a tenant's."""
    path = tmp_path / "mall.sqlite"
    storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
    for each, person in ((storage, "ann"), (storage.scoped("north"), "bob"), (storage.scoped("north"), "cid")):
        kept_box(Shop(each, vault=AesVault(Keyring([OLD]))).ports, person, at=NOON)
    storage.close()
    return path


def a_keyring(folder: Path, *masters: Master) -> str:
    path = folder / "masters.txt"
    path.write_text("\n".join(master.line() for master in masters))
    return str(path)


def test_a_new_master_is_a_line_of_a_keyring_and_never_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert [main(["vault", "new", "2026-11"]) for _ in range(2)] == [0, 0]
    first, second = capsys.readouterr().out.splitlines()
    assert [master.id for master in Keyring.parse(first).masters] == ["2026-11"]
    assert first != second


def test_a_master_with_an_id_that_cannot_be_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vault", "new", "a.b"]) == 1
    assert "the id of a master is 1 to 40 of" in capsys.readouterr().err


def test_all_keys_of_the_shop_come_under_the_first_master(mall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, keyring = f"sqlite:///{mall}", a_keyring(tmp_path, NEW, OLD)
    assert main(["vault", "status", url]) == 0
    assert main(["vault", "rotate", url, "--keyring", keyring]) == 0
    assert main(["vault", "rotate", url, "--keyring", keyring, "--scope", "north"]) == 0
    assert main(["vault", "rotate", url, "--keyring", keyring]) == 0
    assert main(["vault", "status", url, "--scope", "north"]) == 0
    told = capsys.readouterr()
    destroy = "once no process uses a keyring that begins with another master, and no scope is left, destroy 2025"
    assert told.out.splitlines() == [
        "2025: 1 keys, 0 members",
        "wrapped 1 keys and hashed 0 members anew; all of them are under 2026 now",
        destroy,
        "wrapped 2 keys and hashed 0 members anew; all of them are under 2026 now",
        destroy,
        "wrapped 0 keys and hashed 0 members anew; all of them are under 2026 now",
        destroy,
        "2026: 2 keys, 0 members",
    ]
    assert told.err.splitlines() == ["keys: 1", "keys: 2"]
    storage = SqliteStorage.open(mall, kinds=KINDS)
    assert box(Shop(storage, vault=AesVault(Keyring([NEW]))).ports, "ann").puts == ()
    storage.close()


def test_a_keyring_comes_from_standard_input(mall: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW.line()}\n{OLD.line()}\n"))
    assert main(["vault", "rotate", f"sqlite:///{mall}", "--keyring", "-"]) == 0
    assert "wrapped 1 keys and hashed 0 members anew" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a keyring has one master at least"),
        (b"2026 c2VjcmV0", "line 1 of a keyring is not"),
        (b"\xff\xfe\x00", "is no text; expected a line"),
        (NEW.line().encode(), "something is kept under master '2025' and the keyring has 2026"),
        (f"{NEW.line()}\n2025 {Master('x', b'z' * 32).line().split()[1]}".encode(), "the keyring has another secret under that name"),
    ],
)
def test_a_keyring_that_will_not_do_is_told_and_never_shown(
    mall: Path, tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "masters.txt").write_bytes(content)
    assert main(["vault", "rotate", f"sqlite:///{mall}", "--keyring", str(tmp_path / "masters.txt")]) == 1
    told = capsys.readouterr()
    assert message in told.err
    assert "c2VjcmV0" not in told.err + told.out
    assert NEW.line().split()[1] not in told.err + told.out


def test_a_keyring_that_is_not_there_is_named(mall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vault", "rotate", f"sqlite:///{mall}", "--keyring", str(tmp_path / "none.txt")]) == 1
    assert "none.txt' cannot be read: No such file" in capsys.readouterr().err


def test_a_shop_without_persons_has_no_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert [main(["db", "upgrade", url]), main(["vault", "status", url])] == [0, 0]
    assert capsys.readouterr().out.endswith("no keys\n")
