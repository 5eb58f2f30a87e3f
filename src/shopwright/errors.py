"""The exceptions of Shopwright, drawn as a tree. Each says what was expected, what was got, and what to do.

    ShopwrightError
        Misuse                      a bug of the caller; never retry
            InvalidValue            a value outside what its type allows (also a ValueError)
            CurrencyMismatch        two currencies in one sum
            IllegalTransition       a verb that the state does not allow
            KeyConflict             one operation key used for two commands
            UnknownKind             a type that no registered kind stores
            UnknownIndex            a field that its kind does not declare, or whose backfill is not done
            NotSupportedHere        a promise that this adapter or mode documents as refused
            VaultMissing            personal data where the shop has no vault to seal it
        Refused                     a refusal where the caller had demanded a yes (`refusals.accepted`)
        Conflict                    somebody else was faster; read again and decide again
            VersionConflict         a document has moved on since it was read
        Outage                      the world did not answer
            StorageUnavailable      no connection, or it was lost; run the same command again with the same key
            StorageBusy             a lock was not granted in time; nothing was written
            StorageFull             the disk is full; nothing was written
            StorageCorrupted        the file is not a database of ours, or is damaged
            SchemaMismatch          the database is older or newer than this release
            UndecodableDocument     a stored body that no shape of its kind explains
            SealBroken              a sealed text or key that is not what it was, or is not for this person and field
            MasterKeyMissing        something is kept under a master that the keyring does not have

Gateway and carrier errors hang below `Outage` and `Misuse` too; they are drawn in `shopwright.payments.errors`.
"""

from __future__ import annotations


class ShopwrightError(Exception):
    """The root: catch it to catch everything that Shopwright raises on purpose."""


class Misuse(ShopwrightError):
    """The caller asked for something that has no meaning; a bug to mend, never to retry."""


class InvalidValue(Misuse, ValueError):
    """A value outside what its type allows."""


class CurrencyMismatch(Misuse):
    """Two currencies met in one sum or comparison."""


class IllegalTransition(Misuse):
    """A verb that the present state does not allow."""

    def __init__(self, verb: str, subject: str, state: str, allowed: tuple[str, ...]) -> None:
        self.verb, self.subject, self.state, self.allowed = verb, subject, state, allowed
        options = ", ".join(sorted(allowed)) or "nothing, it is final"
        super().__init__(f"cannot {verb} {subject} that is {state}; allowed: {options}")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.verb, self.subject, self.state, self.allowed)


class KeyConflict(Misuse):
    """One operation key was used for two different commands."""


class UnknownKind(Misuse):
    """A type was loaded, put or recorded that no registered kind stores."""


class UnknownIndex(Misuse):
    """A query names a field that its kind does not declare, or an index whose backfill is not done."""


class NotSupportedHere(Misuse):
    """A documented limit of this adapter or mode."""


class VaultMissing(Misuse):
    """Personal data was given to a shop without a vault, or is kept sealed where the shop has none."""


class Refused(ShopwrightError):
    """A shop said no where the caller had demanded a yes."""


class Conflict(ShopwrightError):
    """Somebody else was faster. Read again, decide again."""


class VersionConflict(Conflict):
    """A document has moved on since it was read."""


class Outage(ShopwrightError):
    """The world did not answer."""


class StorageUnavailable(Outage):
    """There is no connection, or it was lost; whether a write landed is told by running the same command again."""


class StorageBusy(Outage):
    """A lock was not granted in time; nothing was written."""


class StorageFull(Outage):
    """The disk is full; nothing was written."""


class StorageCorrupted(Outage):
    """The file is not a database of ours, or it is damaged."""


class SchemaMismatch(Outage):
    """The database is older or newer than this release; `shopwright db upgrade` brings an older one up."""


class UndecodableDocument(Outage):
    """A stored body that no known shape of its kind explains."""


class SealBroken(Outage):
    """A sealed text or a wrapped key that was altered, moved, or meets another secret than the one it was sealed under."""


class MasterKeyMissing(Outage):
    """Something is kept under a master that the keyring does not have."""
