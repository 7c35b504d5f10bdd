"""How a template site shows the stack: its entry, its logo, and what to do after the import."""

from typing import Any

from bundle.model import Stack
from bundle.render import origin
from bundle.render.dokploy_compose import host_name
from bundle.render.dokploy_template import front

LOGO = "logo.svg"
INSTRUCTIONS = "instructions.md"


def entry(stack: Stack) -> dict[str, Any]:
    listing = stack.listing
    return {
        "id": stack.name,
        "name": listing.title,
        "version": listing.version,
        "description": listing.description,
        "logo": LOGO,
        # Dokploy's own repository wants all three keys; an empty one shows no link.
        "links": {"github": listing.source, "website": listing.website, "docs": listing.docs},
        "tags": list(listing.tags),
    }


def logo() -> str:
    return f"""\
<!-- {origin.LINE} -->
<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#9810fa"/>
  <g fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">
    <circle cx="16" cy="16" r="9"/>
    <path d="M16 10v6.5l4 2.5"/>
  </g>
</svg>
"""


def instructions(stack: Stack) -> str:
    web, _ = front(stack)
    database, user = (stack.variable[name].default for name in ("DB_NAME", "DB_USER"))
    names = ", ".join(f"`{host_name(stack, one.name)}`" for one in stack.service.values() if not one.profile)
    options = ", ".join(dict.fromkeys(one.profile for one in stack.service.values() if one.profile))
    return f"""\
<!-- {origin.LINE} -->
# {stack.listing.title}

1. **Environment** tab: fill in `REGISTRY` and `TAG`: where the images are, as in `registry.example.org/team`, and
   which release. Everything else is filled in; the secrets were generated for you.
2. **Deploy.** The services are {names}.
   `{host_name(stack, "migrate")}` runs once per deploy and ends with code 0.
3. **Another domain:** change it in the Domains tab, and in `ALLOWED_HOSTS` and `CSRF_TRUSTED_ORIGINS` in the
   Environment tab; keep `localhost` and `127.0.0.1` there. Deploy again.
4. **HTTPS:** switch it on in the Domains tab and set `SECURE_COOKIES=True` in the Environment tab. Deploy again.
   Not the other way round: with `True` and plain http nobody can sign in.
5. **First user:** open a terminal on `{host_name(stack, web.name)}` and run
   `python services/backend/manage.py createsuperuser`.

More variables may be added in the Environment tab: those that docs/reference/environment.md calls *set at the start*,
and `COMPOSE_PROFILES` for optional services ({options}).

- More workers: `CELERY_REPLICAS=2` there.
- Backups tab: service `{host_name(stack, "db")}`, database `{database}`, user `{user}`.

Importing again removes the domains and generates other secrets, which do not open the data of the first import: to
upgrade, set `TAG` and deploy.
"""
