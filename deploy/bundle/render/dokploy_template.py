"""template.toml: what Dokploy generates and fills in when it imports the stack."""

import json
from collections.abc import Iterator

from bundle.model import Port, Service, Stack
from bundle.render import origin
from bundle.render.dokploy_compose import host_name

# No name of a template variable may be that of one of Dokploy's helpers: `domain` would be another one at each use.
DOMAIN = "main_domain"
# 64 hexadecimal digits, made by a cryptographic generator, that need no quoting anywhere.
SECRET = "${hash:64}"  # noqa: S105
# Only whoever has pushed the images knows where they are; the Compose text refuses to start without both.
FOR_THE_USER = ("REGISTRY", "TAG")


def render(stack: Stack) -> str:
    blocks = [[f"# {origin.LINE}", *_variables(stack)], _config(stack), _domain(stack)]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _variables(stack: Stack) -> Iterator[str]:
    yield "[variables]"
    yield f"{DOMAIN} = {_text('${domain}')}"
    for name in _generated(stack):
        yield f"{name} = {_text(SECRET)}"


def _config(stack: Stack) -> Iterator[str]:
    """List the Environment tab. It must stand before any table: behind [[config.domains]] it would belong to that."""
    yield "[config]"
    yield "env = ["
    for line in environment(stack):
        yield f"  {_text(line)},"
    yield "]"


def environment(stack: Stack) -> Iterator[str]:
    """Give the lines of the Environment tab as the template has them."""
    for name in FOR_THE_USER:
        yield f"{name}="
    generated = _generated(stack)
    for name in stack.secret:
        yield f"{name.upper()}=${{{name}}}" if name in generated else f"{name.upper()}="
    for variable in stack.variable.values():
        if variable.domain_value is not None:
            yield f"{variable.name}={variable.domain_value.format(domain=f'${{{DOMAIN}}}')}"


def _generated(stack: Stack) -> list[str]:
    return [name for name, secret in stack.secret.items() if not secret.given]


def _domain(stack: Stack) -> Iterator[str]:
    service, port = front(stack)
    yield "[[config.domains]]"
    yield f"serviceName = {_text(host_name(stack, service.name))}"
    yield f"port = {port.container}"
    yield f"host = {_text(f'${{{DOMAIN}}}')}"
    yield 'path = "/"'


def front(stack: Stack) -> tuple[Service, Port]:
    """Find what the domain leads to: the first port of a service that is no option."""
    found = ((service, port) for service in stack.service.values() for port in service.port.values())
    return next((service, port) for service, port in found if service.profile is None)


def _text(value: str) -> str:
    """Write a TOML string; JSON's form is one of its forms."""
    return json.dumps(value, ensure_ascii=False)
