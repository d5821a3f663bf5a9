"""Changes a design: all verbs in one place.

Every one takes a well-formed graph and returns a new one; the old one stays as it was.
They raise NotFound for a node that is not there (another tab may have removed it), Invalid for a change without sense.
"""

from __future__ import annotations

from mhub_core.graphs.editing.common import STEP, new_id, new_name, require_node
from mhub_core.graphs.editing.connections import (
    connect,
    disconnect,
    mark_output,
    move_input,
    move_output,
    share,
    unshare,
)
from mhub_core.graphs.editing.layers import (
    add_node,
    duplicate,
    move_down,
    move_up,
    remove,
    rename,
    replace,
    set_call,
    set_config,
    set_positions,
)
from mhub_core.graphs.editing.several import cut_out, duplicate_many, paste, remove_many
from mhub_core.graphs.editing.submodels import insert_design, inside, unwrap, with_inside, wrap

__all__ = [
    "STEP", "add_node", "connect", "cut_out", "disconnect", "duplicate", "duplicate_many", "insert_design", "inside",
    "mark_output", "move_down", "move_input", "move_output", "move_up", "new_id", "new_name", "paste", "remove",
    "remove_many", "rename", "replace", "require_node", "set_call", "set_config", "set_positions", "share", "unshare",
    "unwrap", "with_inside", "wrap",
]  # fmt: skip
