"""The audit trail: append-only entries chained by hash per case, with anchors over all chains.

`hashes` makes an entry's hash, `anchors` lays anchors, `check` finds what was changed, `trail` shows one
case's entries, `seen` notes who looked.
"""

from db.audit.anchors import anchor_chains
from db.audit.check import verify_chain, verify_chains
from db.audit.hashes import entry_hash, entry_hash_in_sql, first_entry

__all__ = [
    "anchor_chains",
    "entry_hash",
    "entry_hash_in_sql",
    "first_entry",
    "verify_chain",
    "verify_chains",
]
