"""The overlays of a stack on a swarm: what they make of it, and which ones it runs with."""

from pathlib import Path
from typing import Any

from bundle import overlays
from bundle.containers import overlaid
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.render import container, demands, swarm_stack
from bundle.swarm import state

# On each service; it is no part of its containers, so that writing it replaces none.
LABEL = "deskbeat.overlays"


def document(invocation: Invocation) -> dict[str, Any]:
    """Describe the stack as the overlays vary it; a config, like a secret, has a new name for new content."""
    source = invocation.source
    whole = swarm_stack.document(source)
    for name in invocation.overlays:
        demands.make(source, source.overlay[name], whole)
    for name, config in whole.get("configs", {}).items():
        version = f"${{{swarm_stack.version_variable(name)}:-1}}"
        config["name"] = f"{container.chosen_name(source)}-{name}-{version}"
    return whole


def labels(invocation: Invocation) -> dict[str, str]:
    return {LABEL: ",".join(invocation.overlays)}


def secret_files(invocation: Invocation) -> dict[str, Path]:
    """Say where the content of each secret lies."""
    files = {name: invocation.secrets_dir / name for name in invocation.source.secret}
    given = overlaid.given_files(invocation, invocation.overlays)
    for name in invocation.overlays:
        named = overlays.secrets_given(invocation.source, invocation.source.overlay[name])
        files |= {secret: Path(given[variable]) for secret, variable in named.items()}
    return files


def config_files(invocation: Invocation) -> dict[str, Path]:
    """Say where the content of each config lies."""
    given = overlaid.given_files(invocation, invocation.overlays)
    source = invocation.source
    named = [one for name in invocation.overlays for one in overlays.files_given(source, source.overlay[name])]
    return {variable.name.lower(): Path(given[variable.name]) for variable in named}


def refuse(invocation: Invocation, before: list[state.Service]) -> None:
    """Refuse other overlays than those that run, what cannot leave this machine, and values that are missing."""
    if invocation.development:
        raise BundleError(
            "A development overlay mounts this checkout, which no other node has: use RUNTIME=containers."
        )
    runs = {service.facts["Spec"]["Labels"].get(LABEL, "") for service in before}
    if runs - {",".join(invocation.overlays)}:
        was = ",".join(runs)
        raise BundleError(
            f"{invocation.stack} was started with {f'OVERLAY={was}' if was else 'no OVERLAY'}: repeat it so, or end"
            f" that first with `{invocation.command('swarm-down')}`."
        )
    overlaid.refuse_missing(invocation)
