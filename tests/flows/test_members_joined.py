"""Members inside a host's transaction: registered with whatever else the host writes; codes stay outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopwright import Shop, accepted
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import NotSupportedHere
from shopwright.flows.members import commands as m
from shopwright.members.codes import OneTimeCode
from shopwright.ports.storage import Query
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, START, refused
from tests.flows.membering import of_ann, registering
from tests.flows.post import Post
from tests.flows.vaulted import VAULT


class Host:
    """A host with a transaction of its own over the database of a shop."""

    def __init__(self, path: Path) -> None:
        self.storage, self.post = SqliteStorage.open(path, kinds=KINDS, upgrade=True), Post()
        self.connection = sqlite3.connect(path, isolation_level=None)

    def outside(self) -> Shop:
        return Shop(self.storage, vault=VAULT, notifier=self.post, clock=FrozenClock(START))

    def inside(self) -> Shop:
        self.connection.execute("begin immediate")
        return Shop(self.storage.joined(self.connection), vault=VAULT, notifier=self.post, clock=FrozenClock(START))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path / "mall.sqlite")
    yield made
    made.connection.close()
    made.storage.close()


def test_a_member_is_gone_when_the_host_rolls_back_and_no_code_was_sent(host: Host) -> None:
    accepted(host.inside().members.register(registering()))
    host.connection.execute("rollback")
    assert refused(host.outside().members.get("ann")) == "member_not_found"
    assert host.post.delivered == {}


def test_a_member_is_there_when_the_host_commits_and_is_sent_a_code_afterwards(host: Host) -> None:
    accepted(host.inside().members.register(registering()))
    host.connection.execute("commit")
    accepted(host.outside().members.send_code(of_ann(m.SendCode, contact="c1")))
    accepted(host.outside().members.verify(m.VerifyContact(key="v", by=ANN, member_id="ann", contact="c1", code=host.post.code())))


def test_no_code_is_entered_or_sent_where_a_rollback_would_take_the_attempt_back(host: Host) -> None:
    accepted(host.outside().members.register(registering()))
    shop = host.inside()
    with pytest.raises(NotSupportedHere, match="outside of a host's transaction"):
        shop.members.verify(m.VerifyContact(key="v", by=ANN, member_id="ann", contact="c1", code="wrong"))
    with pytest.raises(NotSupportedHere, match="outside of a host's transaction"):
        shop.members.send_code(of_ann(m.SendCode, contact="c1"))
    host.connection.execute("rollback")
    assert [it.value.attempts for it in host.storage.find(Query(OneTimeCode)).items] == [0]
