"""Round one: every file is there, can be read, and what is pasted is what lies beside it."""

from collections.abc import Iterator

from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import template, toml, yaml12
from bundle.render.dokploy import COMPOSE, GIT_COMPOSE, IMPORT, TEMPLATE


def files_are_there(submission: Submission) -> Iterator[str]:
    for name in (COMPOSE, GIT_COMPOSE, TEMPLATE, IMPORT):
        if name not in submission.files:
            yield f"{name}: missing; run: make render"


def pasted_text_can_be_unpacked(submission: Submission) -> Iterator[str]:
    try:
        template.unpack(submission.files.get(IMPORT, ""))
    except template.ImportRefusedError as error:
        yield f"{IMPORT}: {error}"


def pasted_text_is_that_of_the_files(submission: Submission) -> Iterator[str]:
    try:
        texts = template.unpack(submission.files.get(IMPORT, ""))
    except template.ImportRefusedError:
        return
    for name, text in zip((COMPOSE, TEMPLATE), texts, strict=True):
        if text != submission.files.get(name):
            yield f"{IMPORT}: holds another {name} than the one beside it; run: make render"


def template_is_toml(submission: Submission) -> Iterator[str]:
    try:
        toml.parse(submission.files.get(TEMPLATE, ""))
    except toml.TomlRefusedError as error:
        yield f"{TEMPLATE}: {error}"


def compose_is_yaml(submission: Submission) -> Iterator[str]:
    for name in (COMPOSE, GIT_COMPOSE):
        try:
            yaml12.load(submission.files.get(name, ""))
        except yaml12.YamlRefusedError as error:
            yield f"{name}: {error}"


RULES = (
    files_are_there,
    pasted_text_can_be_unpacked,
    pasted_text_is_that_of_the_files,
    template_is_toml,
    compose_is_yaml,
)
