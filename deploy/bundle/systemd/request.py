"""What `make systemd-install` was asked: the variables of the command, typed, refused early."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.systemd import nodes
from bundle.systemd.place import Place

USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
# The units see no home and a /tmp of their own (ProtectHome, PrivateTmp).
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108


@dataclass(frozen=True)
class Request:
    """The choices that are not settings of the processes; None: as it was, or the default."""

    invocation: Invocation
    place: Place
    user: str
    workers: str | None
    release: str

    @property
    def stack(self) -> str:
        return self.invocation.stack

    @property
    def given(self) -> Mapping[str, str]:
        """Give what the command's environment says of settings that are kept; an empty value says nothing."""
        return {name: value for name, value in self.invocation.environ.items() if value}


def read(invocation: Invocation) -> Request:
    environ = invocation.environ
    user = environ.get("SERVICE_USER") or invocation.stack
    if not USER.fullmatch(user) or user == "root":
        raise BundleError(
            f"{user!r} cannot be the user of the services: set SERVICE_USER to up to 31 small letters, digits and"
            " hyphens that begin with a letter, as in SERVICE_USER=ticketing."
        )
    root = _directory("DESTDIR", environ.get("DESTDIR") or "/")
    prefix = _directory("PREFIX", environ.get("PREFIX") or _default(invocation, "PREFIX"))
    _refuse_hidden(prefix)
    return Request(
        invocation=invocation,
        place=Place(invocation.stack, prefix, root),
        user=user,
        workers=_workers(invocation),
        release=environ.get("RELEASE", ""),
    )


def _default(invocation: Invocation, name: str) -> str:
    return invocation.source.variable[name].default or ""


def _directory(name: str, value: str) -> Path:
    path = Path(value)
    if not path.is_absolute() or ".." in path.parts:
        raise BundleError(f"{name}={value!r} is not an absolute path: write it from the root, as in {name}=/opt.")
    return path


def _refuse_hidden(prefix: Path) -> None:
    for hidden in HIDDEN:
        if prefix.is_relative_to(hidden):
            raise BundleError(f"PREFIX={prefix} is below {hidden}, which the units cannot see: use /opt or /srv.")


def _workers(invocation: Invocation) -> str | None:
    """Take the nodes; None: nothing was said."""
    wish = invocation.optional.workers
    return None if wish is None else nodes.said(invocation.source, wish)
