"""deploy/swarm: the stack for several hosts, and the routing mesh for whoever wants it."""

from bundle.model import Stack
from bundle.render import document, origin, swarm_stack

HEADER = f"""\
# {origin.LINE}
# `make swarm-up` deploys it in the right order: servers, migration, the rest. By hand, everything starts at once and
# restarts until the database is migrated; label the node of the data first, as in
# docker node update --label-add {{name}}.data=true <node>
"""
MESH_HEADER = f"""\
# {origin.LINE}
# With stack.yaml (`make swarm-up WEB_MESH=1`): every node of the swarm publishes the web, on every address that it has.
"""


def render(stack: Stack) -> dict[str, str]:
    return {
        "mesh.yaml": MESH_HEADER.format(name=stack.name) + document.dump(swarm_stack.mesh(stack)),
        "stack.yaml": HEADER + document.dump(swarm_stack.document(stack)),
    }
