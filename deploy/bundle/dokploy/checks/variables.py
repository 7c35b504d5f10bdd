"""[variables] of template.toml: what is generated once, and what only looks like it."""

from collections.abc import Iterator

from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import helpers, template
from bundle.render.dokploy import TEMPLATE


def no_variable_is_named_like_a_helper(submission: Submission) -> Iterator[str]:
    for name in _variables(submission):
        if name in helpers.NAMES:
            yield f"{TEMPLATE}: variables.{name}: the helper of that name wins, new at each use; choose another name"


def a_secret_stands_alone(submission: Submission) -> Iterator[str]:
    for name, value in _variables(submission).items():
        whole = template.WHOLE.match(value)
        if whole and whole.end() != len(value):
            rest = value[whole.end() :]
            yield f"{TEMPLATE}: variables.{name}: {rest!r} behind {whole[0]} is lost; put it where the variable is used"


def helpers_are_used_as_they_are_meant(submission: Submission) -> Iterator[str]:
    for place, text in _texts(submission):
        for reference in helpers.REFERENCE.findall(text):
            name = helpers.helper_of(reference)
            if name in helpers.NAMES and not helpers.imitated(reference):
                yield f"{TEMPLATE}: {place}: ${{{reference}}} is not known to this check; use ${{hash:64}} or the like"


def references_are_defined_before(submission: Submission) -> Iterator[str]:
    defined = {"APP_NAME"}
    for place, text in _texts(submission):
        for reference in helpers.REFERENCE.findall(helpers.OF_DOKPLOY.sub("", text)):
            if helpers.helper_of(reference) not in helpers.NAMES and reference not in defined:
                yield f"{TEMPLATE}: {place}: ${{{reference}}} is not defined above; define it in [variables]"
        defined.add(place.removeprefix("variables."))


def nothing_is_left_after_substitution(submission: Submission) -> Iterator[str]:
    """Do the import, and look at what would stand in the Environment tab."""
    if any(references_are_defined_before(submission)) or any(helpers_are_used_as_they_are_meant(submission)):
        return
    imported = template.process("", submission.template, submission.id)
    for line in imported.environment.splitlines():
        if "${" in helpers.OF_DOKPLOY.sub("", line):
            yield f"{TEMPLATE}: config.env: {line.partition('=')[0]}: ${{ is left after the import; mend the reference"


def _variables(submission: Submission) -> dict[str, str]:
    variables: dict[str, str] = submission.template.get("variables", {})
    return variables


def _texts(submission: Submission) -> Iterator[tuple[str, str]]:
    """Give the texts with `${...}` in the order in which Dokploy fills them in; files may hold a shell's own."""
    for name, value in _variables(submission).items():
        yield f"variables.{name}", value
    for line in submission.lines:
        yield f"config.env: {line.partition('=')[0]}", line
    for number, domain in enumerate(submission.config.get("domains", [])):
        yield f"config.domains[{number}].host", str(domain.get("host", ""))


RULES = (
    no_variable_is_named_like_a_helper,
    a_secret_stands_alone,
    helpers_are_used_as_they_are_meant,
    references_are_defined_before,
    nothing_is_left_after_substitution,
)
