"""Bring an engine without network to the images of an archive."""

import json
import sys
from pathlib import Path
from typing import NoReturn

from bundle import terminal
from bundle.airgap import checksums, contents
from bundle.containers import commands, images
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import become, capture


def unpacked(root: Path) -> bool:
    """Tell whether this tree came out of an archive."""
    return (root / contents.IMAGES).is_file()


def go_on_in(invocation: Invocation, named: str) -> NoReturn:
    """Unpack an archive and let its own tree go on: its rendered files fit its images."""
    archive = Path(named).resolve() if named else _newest(invocation.root / contents.FOLDER)
    where = invocation.root / contents.FOLDER
    with terminal.step(f"Unpacking {archive.name} into {contents.FOLDER}/"):
        title = _unpack(archive, where)
    terminal.note(f"From here on use `make` in {where / title}: it holds the secrets of the stack too.")
    environ = {**invocation.environ, "PYTHONPATH": str(where / title / "deploy")}
    become([sys.executable, "-m", "bundle", "airgap-load"], env=environ)


def load(invocation: Invocation, environ: dict[str, str]) -> None:
    """Check every file, load the images, and mark them as made of this tree, so that no start builds them."""
    with terminal.step("Checking the files of the archive"):
        checksums.verify(invocation.root)
    manifest = json.loads((invocation.root / contents.MANIFEST).read_text(encoding="utf-8"))
    _refuse_other_architecture(manifest["architecture"], environ)
    with terminal.step("Loading the images"):
        result = capture(commands.load_images(invocation.root / contents.IMAGES), env=environ)
    if not result.ok:
        raise BundleError(f"The engine could not load the images: {result.last_words}. Nothing was started.")
    for image, identity in manifest["images"].items():
        _name(identity, images.named_here(invocation, image), environ)
    images.remember(invocation, environ, manifest["optional"])


def _name(identity: str, name: str, environ: dict[str, str]) -> None:
    """Give the image the name under which this start looks for it, whatever TAG it was saved with."""
    result = capture(commands.tag(identity, name), env=environ)
    if not result.ok:
        raise BundleError(f"{name} was not in the archive's images: {result.last_words}. Nothing was started.")


def _refuse_other_architecture(wanted: str, environ: dict[str, str]) -> None:
    result = capture(commands.engine_architecture(), env=environ)
    found = result.out.strip()
    if result.ok and found != wanted:
        raise BundleError(f"The archive's images are for {wanted} and this engine runs {found}: make one there.")


def _newest(folder: Path) -> Path:
    found = sorted(folder.glob(f"*{contents.SUFFIX}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise BundleError(f"There is no archive in {contents.FOLDER}/: write one with `make airgap`, or give ARCHIVE=.")
    return found[-1]


def _unpack(archive: Path, where: Path) -> str:
    """Unpack and return the name of the one directory that is in it."""
    listed = capture(["tar", "--list", "--file", str(archive)])
    titles = {line.partition("/")[0] for line in listed.out.splitlines()}
    if not listed.ok or len(titles) != 1:
        raise BundleError(f"{archive} is no archive of `make airgap` ({listed.last_words}): copy it again.")
    where.mkdir(exist_ok=True)
    result = capture(["tar", "--extract", "--no-same-owner", "--file", str(archive), "--directory", str(where)])
    if not result.ok:
        raise BundleError(f"{archive} could not be unpacked: {result.last_words}.")
    return titles.pop()
