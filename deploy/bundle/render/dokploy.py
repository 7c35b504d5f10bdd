"""deploy/dokploy: the two texts that Dokploy imports, and the two forms in which it takes them.

`import.base64.txt` is pasted into Dokploy; `site/` is served by any static server and named as Base URL. Both hold
docker-compose.yml and template.toml as they stand beside them. docker-compose.git.yml builds from a checkout.
"""

import base64
import json
from collections.abc import Mapping

from bundle.model import Stack
from bundle.render import dokploy_compose, dokploy_listing, dokploy_template

COMPOSE = "docker-compose.yml"
GIT_COMPOSE = "docker-compose.git.yml"
TEMPLATE = "template.toml"
IMPORT = "import.base64.txt"
META = "meta.json"


def render(stack: Stack) -> dict[str, str]:
    sources = {COMPOSE: dokploy_compose.render(stack), TEMPLATE: dokploy_template.render(stack)}
    return {
        **sources,
        GIT_COMPOSE: dokploy_compose.render(stack, built=True),
        IMPORT: pasted(sources[COMPOSE], sources[TEMPLATE]),
        **_site(stack, sources),
    }


def pasted(compose: str, template: str) -> str:
    """Write what Dokploy's Import takes, on one line."""
    content = json.dumps({"compose": compose, "config": template}, indent=2, ensure_ascii=False)
    return base64.b64encode(content.encode()).decode() + "\n"


def _site(stack: Stack, sources: Mapping[str, str]) -> dict[str, str]:
    """Give the files of a template site: Dokploy asks it for meta.json and then for one blueprint's files."""
    entry = dokploy_listing.entry(stack)
    blueprint = {
        **sources,
        META: _json(entry),
        dokploy_listing.LOGO: dokploy_listing.logo(),
        dokploy_listing.INSTRUCTIONS: dokploy_listing.instructions(stack),
    }
    files = {f"site/blueprints/{stack.name}/{name}": text for name, text in blueprint.items()}
    return {f"site/{META}": _json([entry]), **files}


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
