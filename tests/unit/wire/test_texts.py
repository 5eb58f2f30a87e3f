"""JSON text: the same from every library."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.wire import texts

clean_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | clean_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(clean_text, inner, max_size=3),
    max_leaves=9,
)


@given(plain=plain)
def test_both_libraries_write_the_same_text_and_read_each_other(plain):
    ours, theirs = texts.stdlib(), texts.installed()
    assert ours.dumps(plain) == theirs.dumps(plain)
    assert ours.canonical(plain) == theirs.canonical(plain)
    assert ours.decode(theirs.dumps(plain)) == theirs.decode(ours.dumps(plain)) == plain


@pytest.mark.parametrize("library", [texts.stdlib(), texts.installed()], ids=lambda library: library.name)
@pytest.mark.parametrize(
    ("plain", "path"),
    [
        ({"a": {"b": ["fine", "\0"]}}, r"\$\.a\.b\[1\]"),
        ({"a": ("fine", {"b": "\ud800"})}, r"\$\.a\[1\]\.b"),
        ({"a": [0, 2**63]}, r"\$\.a\[1\]"),
        ({"a": {"\0": 1}}, r"\$\.a"),
        (-(2**63) - 1, r"\$"),
    ],
)
def test_what_is_not_kept_is_told_with_its_path(library, plain, path):
    with pytest.raises(InvalidValue, match=f"@ {path}$"):
        library.dumps(plain)


@pytest.mark.parametrize("plain", [float("nan"), float("inf"), object(), {1, 2}, {(1, 2): 3}])
def test_what_is_no_json_is_refused(plain):
    with pytest.raises(InvalidValue, match="cannot be written as JSON"):
        texts.stdlib().dumps(plain)


def test_without_the_extra_the_standard_library_is_used():
    code = "import sys; sys.modules['orjson'] = None; from shopwright.wire import texts; print(texts.installed().name)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "json\n"
