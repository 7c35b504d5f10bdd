"""The secrets of a stack: generated when missing, never overwritten, never shown."""

import os
import secrets
from pathlib import Path

from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Secret
from bundle.overlays import secrets_given

# 48 random bytes: 64 characters that need no quoting in a URL, a shell or a configuration file.
RANDOM_BYTES = 48


def missing(invocation: Invocation) -> list[str]:
    """Name the secrets that a start would still need; an empty file is none, and an overlay may ask for its own."""
    source = invocation.source
    given = {name for overlay in invocation.overlays for name in secrets_given(source, source.overlay[overlay])}
    return [name for name in source.secret if name not in given and not _filled(invocation.secrets_dir / name)]


def generate(invocation: Invocation) -> list[str]:
    """Write the missing secrets and return their names.

    The directory keeps other users out (0700); the files are readable (0444), because a container reads them through
    a bind mount with a uid of its own.
    """
    names = missing(invocation)
    directory = invocation.secrets_dir
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for name in names:
        _write(directory / name, made(invocation.source.secret[name]))
    return names


def made(secret: Secret) -> str:
    """Make what opens something of ours; what only the operator knows stays empty until the file is filled in."""
    return "" if secret.given else secrets.token_urlsafe(RANDOM_BYTES)


def value(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def refuse_lost(invocation: Invocation, data: str) -> None:
    """Refuse to make new secrets for data that only the old ones open; what a later release needs besides is made."""
    lost = [name for name in missing(invocation) if invocation.source.secret[name].opens_data]
    if data and lost:
        raise BundleError(
            f"The stack {invocation.stack!r} has data ({data}) but {', '.join(lost)} is gone from"
            f" {invocation.shown(invocation.secrets_dir)}/: put the files back, use the checkout that made them,"
            f" choose another STACK_NAME, or give the data up with `make destroy STACK_NAME={invocation.stack}`."
        )


def _filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _write(path: Path, value: str) -> None:
    """Write beside and rename, so that nobody ever reads half a secret."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(f"{value}\n", encoding="ascii")
    draft.chmod(0o444)
    draft.rename(path)
