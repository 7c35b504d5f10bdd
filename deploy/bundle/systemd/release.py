"""Releases: the code with its virtual environment, each in a directory of its own, named by what it is made of."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bundle import sources, terminal, venv
from bundle.errors import BundleError
from bundle.process import capture
from bundle.runtimes import MANAGE
from bundle.systemd.place import PYTHON, Place
from bundle.systemd.request import Request
from bundle.systemd.unit_files import Fit

PLACES = ("entrypoints", "services/backend", "services/celery", "requirements/celery.txt")
LOCK = Path("requirements/celery.txt")
UNITS = "units"
PYTHON_VERSION = "python-version"
KEPT = 3
ID_LENGTH = 12
# Django's settings refuse to load without secrets, and collecting static files connects to nothing.
COLLECTING = {"SECRET_KEY": "not-used-by-collectstatic-1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p", "DB_PASSWORD": "unused"}


def identity(root: Path, units: Mapping[str, str]) -> str:
    """Name the release by its sources, its units and the Python that its environment is made for."""
    said = json.dumps([sources.digest(root, PLACES), dict(units), python_version()], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:ID_LENGTH]


def python_version() -> str:
    return capture([str(PYTHON), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).out.strip()


def chosen(request: Request, fit: Fit) -> str:
    """Name the release that is wanted: a kept one (RELEASE=<id>), else the one that the checkout makes."""
    place, asked = request.place, request.release
    if not asked:
        return identity(request.invocation.root, fit.units(request.invocation.source))
    if not exists(place, asked):
        has = ", ".join(kept(place)) or "none"
        raise BundleError(f"RELEASE={asked!r} is not kept in {place.releases}: there is {has}.")
    return asked


def ensure(request: Request, name: str, fit: Fit) -> None:
    """Build the release, unless it is there: it appears whole or not at all."""
    if not exists(request.place, name):
        build(request.invocation.root, request.place, name, fit.units(request.invocation.source))


def discard(place: Place, name: str, *, unless: str) -> None:
    """Remove a release that has failed, so that a repeated command builds it anew; never the one in use."""
    if name != unless and exists(place, name):
        shutil.rmtree(place.at(place.releases / name))


def exists(place: Place, name: str) -> bool:
    return bool(name) and place.at(place.releases / name).is_dir()


def kept(place: Place) -> list[str]:
    """List the releases, the newest first; a half-built one begins with a dot and is none."""
    directory = place.at(place.releases)
    found = [path for path in directory.glob("[!.]*") if path.is_dir()] if directory.is_dir() else []
    return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def current(place: Place) -> str:
    """Name the release that the link points to; an empty string when there is none."""
    link = place.at(place.current)
    return link.readlink().name if link.is_symlink() else ""


def units(place: Place, name: str) -> dict[str, str]:
    """Read the units of a release as it was built: going back to it brings them back too."""
    directory = place.at(place.releases / name / UNITS)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.iterdir())}


def build(root: Path, place: Place, name: str, made_units: Mapping[str, str]) -> None:
    """Make the release under another name and rename it: one that breaks leaves nothing."""
    final = place.releases / name
    with _draft(place.at(place.releases)) as draft, terminal.step(f"Building release {name}"):
        _copy(root, draft)
        _environment(draft, final)
        _static(draft)
        (draft / UNITS).mkdir()
        for file, text in made_units.items():
            (draft / UNITS / file).write_text(text, encoding="utf-8")
        open_to_readers(draft)
        draft.rename(place.at(final))


@contextmanager
def _draft(releases: Path) -> Iterator[Path]:
    draft = releases / f".draft-{os.getpid()}"
    for left in releases.glob(".draft-*"):
        shutil.rmtree(left)
    draft.mkdir(parents=True)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy(root: Path, draft: Path) -> None:
    ignored = shutil.ignore_patterns(*sources.IGNORED_PARTS)
    for name in PLACES:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, target, ignore=ignored)
        else:
            shutil.copy2(root / name, target)


def _environment(draft: Path, final: Path) -> None:
    """Take the environment of a release with the same lock, by hard links; else install it."""
    like = next((path for path in sorted(draft.parent.glob("[!.]*")) if _same_packages(path, draft)), None)
    if like:
        shutil.copytree(like / "venv", draft / "venv", symlinks=True, copy_function=os.link)
    else:
        _install(draft)
    (draft / PYTHON_VERSION).write_text(f"{python_version()}\n", encoding="ascii")
    for written in (final.with_name(like.name), draft) if like else (draft,):
        relocate(draft / "venv", written, final)


def _same_packages(release: Path, draft: Path) -> bool:
    version = release / PYTHON_VERSION
    if not (release / LOCK).is_file() or not version.is_file():
        return False
    same = (release / LOCK).read_bytes() == (draft / LOCK).read_bytes()
    return same and version.read_text(encoding="ascii").strip() == python_version()


def _install(draft: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    for command in venv.pip_commands(draft / "venv", draft / LOCK, base=str(PYTHON)):
        result = capture(command, env=environ)
        if not result.ok:
            raise BundleError(
                f"{LOCK} could not be installed ({result.last_words}): check the file, the network and the package"
                " index, then repeat the command."
            )


def _static(draft: Path) -> None:
    environ = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "PYTHONDONTWRITEBYTECODE": "1", **COLLECTING}
    words = [str(draft / "venv/bin/python"), str(draft / MANAGE), "collectstatic", "--noinput", "--verbosity=0"]
    result = capture(words, env=environ)
    if not result.ok:
        raise BundleError(f"`manage.py collectstatic` failed: {result.last_words}.")


def relocate(environment: Path, written: Path, final: Path) -> None:
    """Write the final path where another one stands: first lines of scripts, and what activates them."""
    for file in [environment / "pyvenv.cfg", *(environment / "bin").iterdir()]:
        if not file.is_symlink() and str(written).encode() in (content := file.read_bytes()):
            mode = file.stat().st_mode
            # Not in place: it may be the file of another release too.
            file.unlink()
            file.write_bytes(content.replace(str(written).encode(), str(final).encode()))
            file.chmod(mode)


def open_to_readers(directory: Path) -> None:
    """Let the services read what root has copied, whatever root's umask and the checkout's modes are."""
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def prune(place: Place, keep: set[str]) -> list[str]:
    """Remove the oldest beyond KEPT, but never one that is named."""
    old = [name for name in kept(place)[KEPT:] if name not in keep]
    for name in old:
        shutil.rmtree(place.at(place.releases / name))
    return old
