"""The public face is short, sorted and golden: nothing enters, leaves or changes its signature unseen."""

from __future__ import annotations

import difflib

import shopwright
from tests.golden.public_api import COMMAND, GOLDEN, describe


def test_the_public_face_is_the_golden_one():
    golden, present = GOLDEN.read_text(encoding="utf-8").splitlines(), describe().splitlines()
    difference = "\n".join(difflib.unified_diff(golden, present, "golden", "present", lineterm=""))
    assert golden == present, f"{difference}\nif this change is meant, write it down: {COMMAND}"


def test_the_public_names_are_sorted_and_stand_once():
    assert list(shopwright.__all__) == sorted(set(shopwright.__all__))


def test_every_public_name_is_documented():
    assert [name for name in shopwright.__all__ if not getattr(shopwright, name).__doc__] == []
