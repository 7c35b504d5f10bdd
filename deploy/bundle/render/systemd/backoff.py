"""The growing pause between two restarts: a drop-in for all units of the stack, where systemd knows the words."""

# systemd 252 (Debian 12) would warn of both at each reload; there the pause stays the first one.
KNOWN_SINCE = 254
FIRST_SECONDS = 5
TEXT = """\
# For systemd 254 and newer; the installer leaves it out where systemd is older.
[Service]
RestartSteps=5
RestartMaxDelaySec=60
"""


def file_name(stack: str) -> str:
    return f"{stack}-.service.d/backoff.conf"
