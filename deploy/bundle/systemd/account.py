"""The system user that the services run as."""

import grp
import pwd
from pathlib import Path

from bundle.errors import BundleError
from bundle.process import capture


def create_command(user: str, home: Path) -> list[str]:
    flags = ["--system", "--user-group", "--no-create-home", "--home-dir", str(home), "--shell", "/usr/sbin/nologin"]
    return ["useradd", *flags, user]


def remove_command(user: str) -> list[str]:
    return ["userdel", user]


def refuse_foreign(user: str, home: Path, *, on_purpose: bool) -> None:
    """Take an account that another one made only when it was named on purpose."""
    found = lookup(user)
    if found and found.pw_uid == 0:
        raise BundleError(f"The user {user} is root's: choose another STACK_NAME or SERVICE_USER.")
    if found and Path(found.pw_dir) != home and not on_purpose:
        raise BundleError(
            f"The user {user} belongs to something else (home {found.pw_dir}): choose another STACK_NAME, or give"
            f" SERVICE_USER={user} to run the services as that user on purpose."
        )


def ensure(user: str, home: Path) -> None:
    if lookup(user):
        return
    result = capture(create_command(user, home))
    if not result.ok:
        raise BundleError(f"The user {user} could not be made: {result.last_words}.")


def group(user: str) -> str:
    """Name the primary group; an account that the installation is to make gets one of its own name."""
    found = lookup(user)
    return grp.getgrgid(found.pw_gid).gr_name if found else user


def remove(user: str, home: Path) -> bool:
    """Remove the account if it is ours: one that was named on purpose has another home."""
    found = lookup(user)
    return bool(found and Path(found.pw_dir) == home and capture(remove_command(user)).ok)


def lookup(user: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None
