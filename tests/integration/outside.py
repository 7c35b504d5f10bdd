"""What stands outside a stack: where its mail goes."""

from core.effects.tests.receivers import Mailbox


def sends_to(address: str, mailbox: Mailbox) -> dict[str, str]:
    """Return the settings with which a stack sends to this mailbox, and webhooks to this address."""
    return {
        "EMAIL_HOST": address,
        "EMAIL_PORT": str(mailbox.port),
        "EMAIL_USE_TLS": "False",
        "EMAIL_FROM_ADDRESS": "Desk <desk@example.org>",
        "WEBHOOK_ALLOW_PRIVATE": address,
    }
