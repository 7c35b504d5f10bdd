"""/etc/<stack>/credentials: a file per secret, for root only; systemd hands each unit the ones that it names."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from bundle.errors import BundleError
from bundle.files import write
from bundle.secrets import RANDOM_BYTES


def present(directory: Path, names: Iterable[str]) -> list[str]:
    return [name for name in names if (directory / name).is_file()]


def refuse_lost(directory: Path, made_before: Iterable[str], stack: str) -> None:
    """Refuse to make a secret again that this stack has had: its data may open with the old one only."""
    names = list(made_before)
    lost = [name for name in names if name not in present(directory, names)]
    if lost:
        raise BundleError(
            f"{stack} has data, but {', '.join(lost)} is gone from {directory}/: put the files back from a backup,"
            f" or give the data up with `make systemd-uninstall STACK_NAME={stack} PURGE=1`."
        )


def completed(directory: Path, wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Fill in what was not given: what is there, else a new one."""
    return {name: _there(directory / name) if value is None else value for name, value in wanted.items()}


def _there(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip() if file.is_file() else secrets.token_urlsafe(RANDOM_BYTES)


def keep(directory: Path, values: Mapping[str, str], *, drop: Iterable[str] = ()) -> None:
    """Write what differs, for root only from the first moment on; leave alone what an operator has put beside it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for name, value in values.items():
        file = directory / name
        if not file.is_file() or _there(file) != value:
            write(file, f"{value}\n", mode=0o600)
    for name in drop:
        (directory / name).unlink(missing_ok=True)


def snapshot(directory: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: _there(directory / name) for name in present(directory, names)}


def given(environ: Mapping[str, str], name: str) -> str | None:
    """Return what was given as NAME, or in the file NAME_FILE; None when neither was."""
    file = environ.get(f"{name}_FILE")
    if file and environ.get(name):
        raise BundleError(f"{name} and {name}_FILE are both given: keep one of them.")
    if not file:
        return environ.get(name) or None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BundleError(f"{name}_FILE={file!r} cannot be read ({error.strerror}): check the path.") from None
