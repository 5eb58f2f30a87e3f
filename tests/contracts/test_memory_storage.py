"""The memory storage keeps every promise of the port: the kit passes on its own reference."""

from shopwright.adapters.memory import MemoryStorage
from shopwright.ports.kinds import Kinds
from shopwright.testing import StorageContract


class TestMemoryStorage(StorageContract):
    def make_storage(self, kinds: Kinds) -> MemoryStorage:
        return MemoryStorage(kinds)
