"""The members of a shop as loyalty asks for them: implements `shopwright.ports.people.People` over their sealed records.

    people = KnownMembers(storage, vault)
    shop = Shop(storage, vault=vault, growth=growth, people=people)

Rules
- a date of birth is opened when it is asked for and forgotten at once;
- who is blocked, merged or erased is nobody here, and so is a guest;
- of who has told month and day of their birth alone, these are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from shopwright.flows.members.commands import BORN
from shopwright.flows.vault.sealing import Box
from shopwright.members import verbs
from shopwright.members.member import Member
from shopwright.members.sealing import PersonalKey
from shopwright.members.states import MemberState
from shopwright.ports.people import MonthDay, Person
from shopwright.ports.storage import Match, Query, Storage, Where
from shopwright.ports.vault import Vault
from shopwright.promotions.birthdays import Birth
from shopwright.refusals import Refusal

PAGE = 500


class KnownMembers:
    """Whoever is a member, read from a storage and opened with a vault."""

    def __init__(self, storage: Storage, vault: Vault) -> None:
        self._storage, self._vault = storage, vault

    def person(self, member_id: str) -> Person | None:
        """Zone, date of birth and date of joining of an active member. Raises `SealBroken` and `MasterKeyMissing`."""
        loaded = self._storage.load_each({Member: [member_id], PersonalKey: [member_id]})
        stored, key = loaded.of(Member).get(member_id), loaded.of(PersonalKey).get(member_id)
        if stored is None or stored.value.state is not MemberState.ACTIVE:
            return None
        member = stored.value
        return Person(zone=member.zone, born=None if key is None else self._born(member, key.value), joined_at=member.registered_at)

    def _born(self, member: Member, key: PersonalKey) -> Birth | None:
        sealed = next((it.sealed for it in member.profile if it.name == BORN), None)
        text = "" if sealed is None else Box(key, vault=self._vault).open(verbs.profile_subject(BORN), sealed)
        if isinstance(text, Refusal) or not text:
            return None
        if text.startswith("--"):
            return int(text[2:4]), int(text[5:7])
        return date.fromisoformat(text)

    def born_on(self, days: frozenset[MonthDay]) -> Iterable[str]:
        """The ids of the active members with a birthday on one of these days, without opening anything."""
        for month, day in sorted(days):
            lookups = self._vault.lookups("birthday", f"{month:02d}-{day:02d}")
            yield from self._found(Query(Member, where=(Where("birthday", Match.IN, lookups),), limit=PAGE))

    def _found(self, query: Query[Member]) -> Iterator[str]:
        after = ""
        while True:
            page = self._storage.find(Query(Member, where=query.where, limit=query.limit, after=after))
            yield from (it.value.id for it in page.items if it.value.state is MemberState.ACTIVE)
            if not page.next:
                return
            after = page.next
