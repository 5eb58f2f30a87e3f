"""The desk for what the shop knows of people: erase a person, rotate the masters that all of it hangs on."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.sweeping import Progress
from shopwright.flows.vault.commands import ErasePerson
from shopwright.flows.vault.erasing import Erased, erase_person
from shopwright.flows.vault.rotating import Rotated, rotate
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Persons(Desk):
    """People, by the ids that they buy under."""

    def erase(self, command: ErasePerson, *, at: datetime | None = None) -> Erased | Refusal:
        """Make all that was sealed of a person unreadable for good. See `shopwright.flows.vault.erasing`."""
        return erase_person(self.ports, command, at=self._at(at))

    def rotate(self, *, at: datetime | None = None, progress: Progress | None = None) -> Rotated:
        """Bring all keys, and what members are found by, under the current master of the vault. See `shopwright.flows.vault.rotating`."""
        return rotate(self.ports, at=self._at(at), progress=progress)
