"""The template site: what its list says of the template, and whether the blueprint is the same as the rest."""

import json
from collections.abc import Iterator
from typing import Any

from bundle.dokploy.checks.submission import Submission
from bundle.render.dokploy import COMPOSE, META, TEMPLATE

LIST = f"site/{META}"
LINKS = ("github", "website", "docs")


def blueprint_holds_the_same_texts(submission: Submission) -> Iterator[str]:
    for name in (COMPOSE, TEMPLATE):
        path = _path(submission, name)
        if submission.files.get(path) != submission.files[name]:
            yield f"{path}: not the same as {name}; run: make render"


def entry_is_complete(submission: Submission) -> Iterator[str]:
    path = _path(submission, META)
    try:
        entry = json.loads(submission.files.get(path, ""))
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        yield f"{path}: not one JSON object; write the template's entry"
        return
    yield from _texts(path, entry)
    yield from _lists(path, entry)
    if entry.get("id") and entry["id"] != submission.id:
        yield f"{path}: id: {entry['id']!r} is not the name of the folder; write {submission.id!r}"
    if entry.get("logo") and _path(submission, entry["logo"]) not in submission.files:
        yield f"{path}: logo: {entry['logo']!r} is not in the folder; add the file"


def _texts(path: str, entry: dict[str, Any]) -> Iterator[str]:
    for key in ("id", "name", "version", "description", "logo"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            yield f"{path}: {key}: no text; give it"


def _lists(path: str, entry: dict[str, Any]) -> Iterator[str]:
    links, tags = entry.get("links"), entry.get("tags")
    for key in LINKS:
        if not isinstance(links, dict) or not isinstance(links.get(key), str):
            yield f'{path}: links.{key}: missing; give an address or ""'
    if not isinstance(tags, list) or not tags:
        yield f"{path}: tags: none; give at least one"


def list_holds_the_entry(submission: Submission) -> Iterator[str]:
    try:
        entries = json.loads(submission.files.get(LIST, ""))
        entry = json.loads(submission.files.get(_path(submission, META), ""))
    except ValueError:
        yield f"{LIST}: not JSON; run: make render"
        return
    if entries != [entry]:
        yield f"{LIST}: not a list of the one entry in blueprints/; run: make render"


def _path(submission: Submission, name: str) -> str:
    return f"site/blueprints/{submission.id}/{name}"


RULES = (blueprint_holds_the_same_texts, entry_is_complete, list_holds_the_entry)
