"""Words shared by models, services and the API."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a member or a token may do; each role may do what the ones below it may."""

    OWNER = "owner"
    AGENT = "agent"
    VIEWER = "viewer"

    def allows(self, needed: "Role") -> bool:
        order = list(Role)
        return order.index(self) <= order.index(needed)
