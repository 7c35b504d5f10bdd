"""What a unit may not do: at most 2.0 in `systemd-analyze security`."""

from collections.abc import Iterator

from bundle import units
from bundle.model import Stack, Unit

PRIVILEGES = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictNamespaces=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
UMask=0077
"""
FILES = """\
PrivateTmp=yes
PrivateMounts=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
"""
CALLS = """\
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
"""
# As an internal network of containers: servers of this machine or of a private network are reached, nothing beyond.
INTERNAL = """\
# Where a server is elsewhere, the installer lifts it: that server, or the name server that finds it, may be anywhere.
IPAddressDeny=any
IPAddressAllow=localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7
"""
OFF = """\
# Off, as it cannot work otherwise: PrivateNetwork, and the families AF_UNIX, AF_INET and AF_INET6 (PostgreSQL, Redis,
# the journal); RootDirectory and RootImage (Debian's Python runs it). ProtectClock itself lets it read /dev/rtc0."""
CALLED = "\n# Off too: IPAddressDeny, as people call it from wherever the operator lets them."
CALLS_OUT = "\n# Off too: IPAddressDeny, as mail and webhooks leave from here. It listens to nobody."


def directives(stack: Stack, unit: Unit) -> Iterator[tuple[str, object]]:
    opened = _opened(stack, unit)
    yield "", OFF + opened
    for text in (PRIVILEGES, FILES, CALLS, "" if opened else INTERNAL):
        for line in text.splitlines():
            yield "", line


def _opened(stack: Stack, unit: Unit) -> str:
    """Say why addresses are not filtered; empty: they are."""
    networks = [stack.network[name] for name in units.service(stack, unit).networks]
    if any(not (network.internal or network.outbound) for network in networks):
        return CALLED
    return CALLS_OUT if unit.outbound and any(network.outbound for network in networks) else ""
