"""Say which attributes goods can have.

Rules
- groups that are there are left as they are: a value that is none any more is told when its group is put again, or by a check of the whole catalog.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.events import AttributesPut
from shopwright.flows.catalog.commands import PutAttributes
from shopwright.flows.catalog.keeping import told
from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.ports.storage import Changeset, Put, Record
from shopwright.refusals import Refusal
from shopwright.wire.catalog_kinds import ATTRIBUTES, CATALOG


@takes(PutAttributes)
def put_attributes(ports: Ports, command: PutAttributes, *, at: datetime) -> AttributeSchema | Refusal:
    """Say which attributes there are, and which categories use them."""
    op, schema = operation(ports, command, ATTRIBUTES), evolve(command.schema, tree=CategoryTree())

    def attempt() -> AttributeSchema | Refusal:
        stored = ports.storage.load(AttributeSchema, ATTRIBUTES)
        version = 0 if stored is None else stored.version
        record = Record(CATALOG, f"attributes/{version + 1}", 1, AttributesPut(by=told(command.by), at=at))
        result = ports.storage.commit(Changeset(op, at, puts=(Put(ATTRIBUTES, schema, version),), records=(record,)))
        return result if isinstance(result, Refusal) else schema

    return tried(ports.storage, attempt)
