"""Talk to supervisord over its unix socket, with the standard library's XML-RPC."""

import base64
import http.client
import socket
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.control import USERNAME

TIMEOUT_SECONDS = 15
# Faults of supervisord's own interface: what was asked for is so already.
ALREADY_STARTED, NOT_RUNNING = 60, 70


@dataclass(frozen=True)
class Program:
    """One supervised program, as supervisord sees it."""

    name: str
    state: str
    pid: int
    started: int
    description: str

    @property
    def running(self) -> bool:
        return self.state in ("STARTING", "RUNNING", "STOPPING")


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(self._path)


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: str, password: str) -> None:
        login = base64.b64encode(f"{USERNAME}:{password}".encode()).decode("ascii")
        super().__init__(headers=[("Authorization", f"Basic {login}")])
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _UnixConnection(self._path)


class Supervisor:
    """A supervisord that may or may not be there."""

    def __init__(self, path: Path, password: str) -> None:
        self._proxy = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=_UnixTransport(str(path), password))

    def _call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._proxy.supervisor, method)(*arguments)

    def answers(self) -> bool:
        try:
            return bool(self._call("getState")["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False

    def pid(self) -> int:
        return int(self._call("getPID"))

    def programs(self) -> dict[str, Program]:
        found = [
            Program(one["name"], one["statename"], one["pid"], one["start"], one["description"])
            for one in self._call("getAllProcessInfo")
        ]
        return {program.name: program for program in found}

    def start(self, name: str) -> None:
        self._tolerating(ALREADY_STARTED, "startProcess", _qualified(name, self._groups()), False)

    def stop(self, name: str) -> None:
        self._tolerating(NOT_RUNNING, "stopProcess", _qualified(name, self._groups()), False)

    def shut_down(self) -> None:
        self._call("shutdown")

    def _groups(self) -> dict[str, str]:
        return {one["name"]: one["group"] for one in self._call("getAllProcessInfo")}

    def _tolerating(self, code: int, method: str, *arguments: Any) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != code:
                raise


def _qualified(name: str, groups: dict[str, str]) -> str:
    return f"{groups[name]}:{name}"
