"""docs/reference: what deploy/stack.toml says, as pages to look things up in.

README.md finds everything by its name, environment.md has the variables, services.md what runs, targets.md where it
runs and what differs there, stack.md the keys of the source.
"""

from bundle.model import Stack
from bundle.render.reference import environment, index, keys, services, targets
from bundle.render.reference.page import page


def render(stack: Stack) -> dict[str, str]:
    return {
        "README.md": page("Reference", index.blocks(stack)),
        "environment.md": page("Environment", environment.blocks(stack)),
        "services.md": page("Services", services.blocks(stack)),
        "stack.md": page("deploy/stack.toml", keys.blocks()),
        "targets.md": page("Targets", targets.blocks(stack)),
    }
