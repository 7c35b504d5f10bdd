"""Whether a port of this machine is free."""

import errno
import socket

from bundle.errors import BundleError


def refuse_busy(bind: str, port: int, *, name: str = "WEB", command: str = "make up") -> None:
    """Say so now when the port cannot be taken, before anything is started."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A port whose last user has just gone (TIME_WAIT) is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise BundleError(_sentence(error, bind, port, name, command)) from None


def _sentence(error: OSError, bind: str, port: int, name: str, command: str) -> str:
    if error.errno == errno.EADDRINUSE:
        choose = f"choose another, as in `{command} {name}_PORT={port + 1}`"
        return f"Port {port} on {bind} is busy: stop what uses it, or {choose}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than yours: choose one above 1023, as in `{command} {name}_PORT=8000`."
    return f"Port {port} on {bind} cannot be used ({error.strerror}): check {name}_BIND and {name}_PORT."
