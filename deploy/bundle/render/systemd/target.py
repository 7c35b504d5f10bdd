"""The one target that groups the units."""

from bundle.model import Stack

TEXT = """\
# Each unit finds its place here by PartOf= and WantedBy=: `systemctl enable` a unit (or a further node of a template)
# and it starts and stops with the target. A timer, as for backups, is a unit like any other: the same two lines.
[Unit]
Description={product} ({stack}): web, workers and beat

[Install]
WantedBy=multi-user.target
"""


def text(stack: Stack) -> str:
    return TEXT.format(product=stack.product, stack=stack.name)
