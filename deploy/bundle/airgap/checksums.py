"""SHA256SUMS, in the form that `sha256sum --check` reads."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bundle.airgap.contents import CHECKSUMS, Member
from bundle.errors import BundleError


def text(members: Iterable[Member]) -> str:
    return "".join(f"{digest(member.path)}  {member.name}\n" for member in members)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(root: Path) -> int:
    """Compare every file with its line; return how many there are.

    Raises:
        BundleError: naming the files that are missing or changed.
    """
    try:
        lines = (root / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BundleError(f"{CHECKSUMS} cannot be read ({error.strerror}): unpack the archive again.") from None
    wanted = [line.partition("  ") for line in lines]
    wrong = [name for digest_, _, name in wanted if not _is(root / name, digest_)]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise BundleError(
            f"Not what {CHECKSUMS} says: {', '.join(wrong[:3])}{more}. Copy and unpack the archive again;"
            " nothing was loaded."
        )
    return len(wanted)


def _is(path: Path, wanted: str) -> bool:
    return path.is_file() and digest(path) == wanted
