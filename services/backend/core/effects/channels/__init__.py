"""The ways out of the product. One more (Slack, MQTT) is one more module here, named in CHANNELS."""

from core.effects.channels.base import Channel
from core.effects.channels.mail import MailChannel
from core.effects.channels.webhook import WebhookChannel

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in (MailChannel(), WebhookChannel())}


def channel(name: str) -> Channel:
    """Return the channel, or raise ValueError with the names there are."""
    try:
        return CHANNELS[name]
    except KeyError:
        raise ValueError(f"There is no channel {name!r}: use one of {', '.join(CHANNELS)}.") from None


def channel_choices() -> list[tuple[str, str]]:
    """Return the choices of the model: a function, so that a new channel needs no migration."""
    return [(name, name.capitalize()) for name in CHANNELS]
