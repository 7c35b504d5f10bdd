"""A bill of materials of one image, as CycloneDX 1.6: what Debian and pip say is installed in it."""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bundle.containers import commands
from bundle.errors import BundleError
from bundle.process import capture

SEPARATOR = "\t"
DEBIAN = r"deb\t${Package}\t${Version}\t${Architecture}\t${source:Package}\n"
PYTHON = """
import importlib.metadata as metadata
for found in metadata.distributions():
    about = found.metadata
    print("pypi", about["Name"], found.version, about.get("License-Expression") or "", "", sep="\\t")
"""
# The image is asked, not its build files: this is what travels.
SCRIPT = f"""
. /etc/os-release
printf 'system\\t%s\\t%s\\t\\t\\n' "$ID" "$VERSION_ID"
dpkg-query --show --showformat='{DEBIAN}'
[ ! -x /venv/bin/python ] || /venv/bin/python -I -c '{PYTHON}'
"""


def collect(image: str, environ: dict[str, str]) -> str:
    """Run the image without network, ask what is in it, and return the document."""
    result = capture(commands.ask_image(image, SCRIPT), env=environ)
    if not result.ok:
        raise BundleError(f"{image} could not say what is installed in it: {result.last_words}.")
    return document(image, [line.split(SEPARATOR) for line in result.out.splitlines()])


def document(image: str, rows: Sequence[Sequence[str]]) -> str:
    """Write the document; the same image and rows give the same bytes."""
    name, _, version = image.rpartition(":")
    components = sorted(_components(rows), key=lambda component: component["bom-ref"])
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, repr((image, rows)))}",
        "version": 1,
        "metadata": {"component": {"type": "container", "bom-ref": image, "name": name, "version": version}},
        "components": components,
    }
    return json.dumps(bill, indent=1) + "\n"


def _components(rows: Iterable[Sequence[str]]) -> Iterator[dict[str, Any]]:
    distribution = "debian"
    for kind, name, version, detail, source in rows:
        match kind:
            case "system":
                distribution = f"{name}-{version}"
            case "deb":
                yield _debian(name, version, detail, source, distribution)
            case "pypi":
                yield _python(name, version, detail)


def _debian(name: str, version: str, architecture: str, source: str, distribution: str) -> dict[str, Any]:
    upstream = f"&upstream={quote(source)}" if source != name else ""
    detail = f"arch={architecture}&distro={distribution}{upstream}"
    return _library(name, version, f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?{detail}")


def _python(name: str, version: str, licence: str) -> dict[str, Any]:
    # The canonical name of a package index: PEP 503.
    canonical = "-".join(filter(None, name.lower().replace("_", "-").replace(".", "-").split("-")))
    entry = _library(name, version, f"pkg:pypi/{canonical}@{quote(version, safe='')}")
    return entry | ({"licenses": [{"expression": licence}]} if licence else {})


def _library(name: str, version: str, place: str) -> dict[str, Any]:
    """Describe a component; its package URL names it uniquely."""
    return {"type": "library", "bom-ref": place, "name": name, "version": version, "purl": place}
