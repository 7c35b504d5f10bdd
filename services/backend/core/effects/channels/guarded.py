"""Connections to checked addresses only, within a bounded time: what a webhook's owner names is not ours to trust."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
from django.conf import settings

from core.runs.errors import NonRecoverableError

CONNECT_SECONDS = 5.0
# From the connection to the answer's last header, however slowly it drips.
TOTAL_SECONDS = 15.0
# Where a gateway carries IPv4 through an IPv6 network.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class GuardedBackend(httpcore.NetworkBackend):
    """Resolve a name once, check what it means, and connect to exactly that: a second answer cannot slip in between."""

    def __init__(self) -> None:
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        deadline = time.monotonic() + TOTAL_SECONDS
        refusal: Exception = httpcore.ConnectError(f"no address of {host} answers")
        for address in addresses(host, port):
            try:
                return GuardedStream(self._network.connect_tcp(address, port, CONNECT_SECONDS), deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
            if time.monotonic() > deadline:
                break
        raise refusal


class GuardedStream(httpcore.NetworkStream):
    """Ends at the deadline, whatever the time-out of a single step."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"no answer within {TOTAL_SECONDS:g} s")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, min(CONNECT_SECONDS, self._left()))
        return GuardedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def addresses(host: str, port: int) -> list[str]:
    """Return what the name means; raise NonRecoverableError when any of it is not public, nor allowed by the settings.

    Any: a name that means a public and a private address is an attempt, not a mistake.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    names = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for name in names:
        if not _is_allowed(ipaddress.ip_address(name)):
            raise NonRecoverableError(
                f"{host} is {name}, which is not a public address: let WEBHOOK_ALLOW_PRIVATE name its network."
            )
    return names


def _is_allowed(address: Address) -> bool:
    plain = _unmapped(address)
    if any(plain in network for network in settings.WEBHOOK_ALLOW_PRIVATE):
        return True
    return plain.is_global and not plain.is_multicast


def _unmapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one only carries, as in ::ffff:10.0.0.1, 64:ff9b::10.0.0.1, 2002:a00:1::."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
