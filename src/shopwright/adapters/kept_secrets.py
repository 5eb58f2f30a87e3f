"""Values that hold secrets are carried nowhere: pickled, they would lie about in queues, caches and files of other processes."""

from __future__ import annotations

from typing import NoReturn


class HoldsSecrets:
    """What holds secrets, and cannot be pickled or copied; a process makes its own from where its secrets are kept."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled; make it anew where it is needed")
