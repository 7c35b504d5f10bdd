"""What was deployed last, written into the service's description: so a call that was cut off is made good.

Dokploy does not tell whether what it holds has been deployed, and for a git source it even rewrites the description
of the deployment.
"""

import re

from bundle.dokploy.found import Service

MARK = re.compile(r"\s*\(deployed ([0-9a-f]{12})\)")


def deployed(service: Service) -> bool:
    """Tell whether the service runs as it is stored."""
    found = MARK.search(service.description)
    return found is not None and found[1] == service.digest()


def description(service: Service) -> str:
    """Give the description with the mark of this state; the words around it are left alone."""
    return f"{MARK.sub('', service.description)} (deployed {service.digest()})".strip()
