"""The words of a run of Chinese, by `jieba`: loaded when the first run is cut, which takes about a second."""

from __future__ import annotations

import threading
import warnings
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

_lock = threading.Lock()


@lru_cache(maxsize=4_096)
def words_of(run: str) -> tuple[str, ...]:
    """The words of a run, each in pairs of characters where it is longer than two; none where jieba is not installed."""
    cutter = _cutter()
    if cutter is None:
        return ()
    return tuple(dict.fromkeys(part for word in cutter.cut(run, HMM=False) for part in _pairs(word)))


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


@cache
def _cutter() -> Any:
    if find_spec("jieba") is None:
        return None
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports what setuptools calls old, and its patterns have escapes that Python calls odd
        import jieba

        cutter = jieba.Tokenizer()
        # Not by `initialize`: that reads, and leaves, a file in the folder for temporary files, where anybody may write.
        cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
        cutter.initialized = True
    return cutter
