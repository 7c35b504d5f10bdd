"""PostgreSQL refuses to run as root: how root runs it all the same, without another account's help where possible."""

import os
import pwd
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from bundle.errors import BundleError
from bundle.process import capture

# In a user namespace root is shown as an ordinary uid and has no capability, yet owns its files as before: no chown,
# no traversal by others, nothing to undo. Needs util-linux 2.36; refused inside most containers.
NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
ACCOUNT = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--")
ACCOUNT_NAME = "nobody"
WORDS = {NAMESPACE: "namespace", ACCOUNT: "account", (): ""}


def needed() -> bool:
    return os.geteuid() == 0


def works(prefix: Sequence[str]) -> bool:
    return capture([*prefix, "true"], timeout_seconds=5).ok


def choose(places: Sequence[Path], *, root: bool, tried: Callable[[Sequence[str]], bool] = works) -> tuple[str, ...]:
    """Return the words that go before PostgreSQL's programs; none for an ordinary user."""
    if not root:
        return ()
    if tried(NAMESPACE):
        return NAMESPACE
    if tried(ACCOUNT) and all(passable(place) for place in places):
        return ACCOUNT
    raise BundleError(
        "PostgreSQL refuses to run as root, and root gets no user namespace here: run make as an ordinary user,"
        " move the checkout where other users may pass (/srv, not /root), or give an existing server with DB_HOST."
    )


def passable(path: Path) -> bool:
    """Tell whether any user may walk to the path."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def hand_over(prefix: Sequence[str], places: Sequence[Path]) -> None:
    """Give files and whole directories to whom PostgreSQL will run as; an ordinary user owns them already.

    Also back to root, when a machine has learned user namespaces since the data was made.
    """
    if os.geteuid() != 0:
        return
    uid = pwd.getpwnam(ACCOUNT_NAME).pw_uid if tuple(prefix) == ACCOUNT else 0
    for place in places:
        if place.stat().st_uid != uid:
            for path in (place, *place.rglob("*")):
                os.chown(path, uid, -1, follow_symlinks=False)


def word(prefix: Sequence[str]) -> str:
    """Name the choice for entrypoints/host-postgres.sh (POSTGRES_AS)."""
    return WORDS[tuple(prefix)]
