"""[[config.mounts]]: files that the import writes, outside the tree if their path says so."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from bundle.dokploy.checks.submission import Submission
from bundle.render.dokploy import COMPOSE, TEMPLATE


def paths_stay_inside(submission: Submission) -> Iterator[str]:
    for place, path in _paths(submission):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            yield f"{place}: {path!r} leaves the folder of files; give a path inside it"


def files_are_used(submission: Submission) -> Iterator[str]:
    for place, path in _paths(submission):
        if f"../files/{path.strip('/')}" not in submission.files[COMPOSE]:
            yield f"{place}: {COMPOSE} mounts no ../files/{path.strip('/')}; mount it, or leave it out"


def _paths(submission: Submission) -> Iterator[tuple[str, str]]:
    for number, mount in enumerate(submission.config.get("mounts", [])):
        yield f"{TEMPLATE}: config.mounts[{number}].filePath", mount["filePath"]


RULES = (paths_stay_inside, files_are_used)
