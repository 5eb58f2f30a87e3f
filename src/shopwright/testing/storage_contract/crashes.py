"""A writer that is killed at random moments, and what must be found when the store is opened again.

Step n writes a document, the tally at version n, two records, a take and a hold, all in one changeset: any half of it would show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from time import sleep

from shopwright.ports.quotas import Grant, Take
from shopwright.ports.storage import Answer, Changeset, Committed, Storage, Stored
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.processes import Opener, Worker
from shopwright.testing.storage_contract.steps import a_change, counts, done, every_record, hold, noted, put

_PLENTY = 2**40
_LONGEST = 0.03
_PATIENCE = 50


def step(number: int) -> Changeset:
    """All that step `number` writes, from 1 on."""
    return a_change(
        put(Note("tally", stars=number), expected=number - 1),
        put(Note(f"n-{number}", "一" * (number % 50), serial=number)),
        noted(number, key="log", quantity=number % 3 + 1),
        noted(1, key=f"n-{number}"),
        Take("tea", number % 3 + 1),
        hold(f"h-{number}", ("tea", 1)),
        key=f"step-{number}",
        command=f"command {number}",
        answer=f"answer {number}",
    )


def write_until_killed(storage: Storage, first: int) -> Iterator[int]:
    """Commit step after step, and tell the number of each once it was acknowledged."""
    for number in count(first):
        outcome = storage.commit(step(number))
        assert isinstance(outcome, Committed), outcome
        yield number


class CrashPromises:
    """What was acknowledged is there after a kill, and of what was not, all or nothing."""

    kills = 8
    """How often the writer is killed."""

    def opener(self, storage: Storage) -> Opener:
        """What opens the same store in another process."""
        raise NotImplementedError

    def test_a_writer_that_is_killed_at_any_moment_loses_nothing_that_was_acknowledged(self, storage: Storage) -> None:
        opener, chance, last = self.opener(storage), Random(self.kills), 0
        done(storage, Grant("tea", _PLENTY))
        storage.close()  # nobody but the victim has the store open: opening it again has everything to mend
        for kill in range(self.kills):
            acknowledged = kill_a_writer(opener, first=last + 1, after=chance.random() * _LONGEST)
            last = reopened(opener, lambda storage, least=acknowledged: check_last_step(storage, least=least))  # type: ignore[misc]  # binds this round
            assert last - acknowledged in {0, 1}, f"kill {kill}: {acknowledged} acknowledged, {last} found"
        reopened(opener, lambda storage: check_every_step(storage, last))


def kill_a_writer(opener: Opener, *, first: int, after: float) -> int:
    """Let a process write from step `first`, kill it some time after its first commit; the last step that it acknowledged."""
    writer = Worker(opener, write_until_killed, first)
    told = [writer.next()]
    sleep(after)
    writer.kill()
    return int((told + writer.rest())[-1])


def reopened(opener: Opener, check: Callable[[Storage], int]) -> int:
    """What this check finds in the store, opened anew; a server may still be busy with the last commit of a killed client."""
    for patience in range(_PATIENCE, -1, -1):
        storage = opener()
        try:
            return check(storage)
        except AssertionError:
            if not patience:
                raise
            sleep(0.1)
        finally:
            storage.close()
    raise AssertionError("unreachable: the last round returns or raises")


def check_last_step(storage: Storage, *, least: int) -> int:
    """The last step is there as a whole and the next one not at all; repeated, each is done once. Returns the last one now."""
    tally = storage.load(Note, "tally")
    last = tally.version if tally else 0
    assert last >= least, f"step {least} was acknowledged, only {last} are there"
    used = sum(number % 3 + 1 for number in range(1, last + 1))
    assert tally == (Stored(Note("tally", stars=last), last) if last else None)
    assert storage.load_many(Note, (f"n-{last}", f"n-{last + 1}")).keys() == {f"n-{last}"}
    assert [record.number for record in every_record(storage, key=f"n-{last}")] == [1]
    assert every_record(storage, key=f"n-{last + 1}") == []
    assert counts(storage, "tea") == (_PLENTY, used, last)
    assert storage.answered(step(last).operation) == Answer(f"answer {last}", NOON)
    assert storage.answered(step(last + 1).operation) is None
    assert storage.commit(step(last)) == Committed(f"answer {last}", repeated=True)
    return last


def check_every_step(storage: Storage, last: int) -> int:
    """Every step from the first to the last is there, once."""
    notes = storage.load_many(Note, [f"n-{number}" for number in range(1, last + 1)])
    assert {id: stored.value.serial for id, stored in notes.items()} == {f"n-{number}": number for number in range(1, last + 1)}
    logged = every_record(storage, limit=1_000)
    assert [record.number for record in logged if record.key == "log"] == list(range(1, last + 1))
    assert sum(record.value.quantity for record in logged) == counts(storage, "tea")[1]
    return last
