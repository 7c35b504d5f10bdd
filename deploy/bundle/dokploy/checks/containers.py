"""Each service of the Compose texts: pinned, probed, limited, and with its data where a deploy does not wipe it."""

from collections.abc import Iterator

from bundle.dokploy.checks.references import REFERENCE
from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import dotenv
from bundle.render.dokploy import TEMPLATE

FILES = "../files/"


def images_are_pinned(submission: Submission) -> Iterator[str]:
    """A tag may come from the Environment tab; `latest` may not."""
    tab = dotenv.parse("\n".join(submission.lines))
    for place, service in submission.services():
        image = REFERENCE.sub("{}", service.get("image", ""))
        tag = image.rpartition("/")[2].partition(":")[2]
        if image and "@" not in image and tag in ("", "latest"):
            yield f"{place}.image: no tag, or latest, is another image tomorrow; name a release"
    if tab.get("TAG") == "latest":
        yield f"{TEMPLATE}: config.env: TAG: latest is another image tomorrow; name a release, or leave it to the user"


def what_runs_is_probed(submission: Submission) -> Iterator[str]:
    """What others wait for to complete has an exit code instead."""
    for file, document in submission.documents.items():
        completed = {
            name
            for service in document["services"].values()
            for name, need in service.get("depends_on", {}).items()
            if need["condition"] == "service_completed_successfully"
        }
        for name, service in document["services"].items():
            if name not in completed and "test" not in service.get("healthcheck", {}):
                yield f"{file}: services.{name}.healthcheck: Dokploy could not show its health; give it a test"


def volumes_are_declared(submission: Submission) -> Iterator[str]:
    for file, document in submission.documents.items():
        for name, service in document["services"].items():
            for volume in service.get("volumes", []):
                source = volume.partition(":")[0]
                yield from _source(f"{file}: services.{name}.volumes", source, document.get("volumes", {}))


def _source(place: str, source: str, declared: dict[str, object]) -> Iterator[str]:
    if source.startswith((".", "/")):
        if not source.startswith(FILES):
            yield f"{place}: {source} is wiped or missing at a deploy; use a named volume, or {FILES}"
    elif source not in declared:
        yield f"{place}: {source} is not declared; add it to volumes at the top"


def memory_is_limited(submission: Submission) -> Iterator[str]:
    for place, service in submission.services():
        if "mem_limit" not in service:
            yield f"{place}.mem_limit: missing, so Dokploy's memory chart has no scale; give one"


RULES = (images_are_pinned, what_runs_is_probed, volumes_are_declared, memory_is_limited)
