"""The signature of a webhook, after the Standard Webhooks specification, so that receivers find a library for it."""

import base64
import binascii
import hashlib
import hmac
import time

PREFIX = "whsec_"


def signature(*, message_id: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers that name the message, and prove who sent it when there is a secret."""
    timestamp = str(int(time.time()))
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp}
    if secret:
        signed = hmac.new(signing_key(secret), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return headers


def signing_key(secret: str) -> bytes:
    """Return what is signed with: what stands in base64 after whsec_, else the secret as it is written.

    Raises ValueError when it is not base64.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError(f"What follows {PREFIX} is not base64.") from None
