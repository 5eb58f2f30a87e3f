"""`shopwright catalog`, as somebody at a terminal meets it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from shopwright import Product
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.groups import ProductGroup
from shopwright.cli import main
from shopwright.wire.kinds import KINDS

GOODS = """\
product,seller,status,title:en,title:de,sku,option:size,prices
shirt,own,active,Linen shirt,Leinenhemd,SHIRT-S,S,29.00 EUR
shirt,,,,,SHIRT-M,M,29.00 EUR
tea,own,active,Green tea,,TEA,,4.50 EUR
"""
WRONG = GOODS + "mug,own,active,Mug,,MUG,,nine\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True).close()
    return f"sqlite:///{tmp_path / 'mall.sqlite'}"


def a_file(folder: Path, text: str = GOODS, name: str = "goods.csv") -> str:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return str(folder / name)


def test_a_file_is_imported_twice_alike_and_comes_out_as_it_went_in(tmp_path, url, capsys):
    goods, out = a_file(tmp_path), str(tmp_path / "out.csv")

    assert [main(["catalog", "import", url, goods, "--language", "de", "--key", key]) for key in ("one", "two")] == [0, 0]
    assert capsys.readouterr().out == "2 new, 0 changed, 0 as they were, 0 mistakes\n0 new, 0 changed, 2 as they were, 0 mistakes\n"
    assert main(["catalog", "export", url, out]) == 0
    assert main(["catalog", "check", out, "--url", url]) == 0
    assert capsys.readouterr().out == "0 new, 0 changed, 2 as they were, 0 mistakes\n"
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS)
    assert storage.load(Product, "SHIRT-M").value.title == "Leinenhemd (M)"
    storage.close()


def test_what_is_wrong_is_told_by_line_and_the_rest_is_kept(tmp_path, url, capsys):
    assert main(["catalog", "import", url, a_file(tmp_path, WRONG)]) == 1

    told = capsys.readouterr()
    problem, summary = told.out.splitlines()
    assert problem.startswith("line 5, prices: expected amounts such as 12.34 EUR")
    assert summary == "2 new, 0 changed, 0 as they were, 1 mistakes"
    assert told.err == "groups: 2, mistakes: 1\n"


def test_a_file_is_checked_without_a_database(tmp_path, capsys):
    assert main(["catalog", "check", a_file(tmp_path, WRONG)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 new, 0 changed, 0 as they were, 1 mistakes"


def test_standard_input_and_output_need_to_be_told_their_form(tmp_path, url, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"product": "cup", "seller": "own"}\n'))

    assert main(["catalog", "import", url, "-", "--form", "jsonl", "--scope", "north"]) == 0
    capsys.readouterr()
    assert main(["catalog", "export", url, "-", "--form", "jsonl", "--scope", "north"]) == 0
    assert capsys.readouterr().out == '{"product":"cup","seller":"own"}\n'
    assert main(["catalog", "export", url, "-"]) == 1
    assert "expected a file whose name ends with .csv or .jsonl, got -" in capsys.readouterr().err
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS)
    assert (storage.load(ProductGroup, "cup"), storage.scoped("north").load(ProductGroup, "cup").version) == (None, 1)
    storage.close()


def test_a_file_that_is_not_there_is_told(url, capsys):
    assert main(["catalog", "import", url, "nowhere.csv"]) == 1
    assert capsys.readouterr().err == "shopwright: cannot open nowhere.csv: No such file or directory\n"
