"""Tell systemd how a process is doing: a datagram to the socket that it names (sd_notify)."""

import os
import socket
from contextlib import suppress

# Taken out of the environment: a child that spoke for the service would be believed by nobody.
ADDRESS = os.environ.pop("NOTIFY_SOCKET", "")


def notify(*lines: str) -> None:
    """Send assignments, as in "READY=1"; without systemd do nothing."""
    if not ADDRESS:
        return
    # A leading @ stands for the zero byte of an abstract address.
    address = "\0" + ADDRESS[1:] if ADDRESS.startswith("@") else ADDRESS
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as there:
        there.connect(address)
        there.sendall("\n".join(lines).encode())
