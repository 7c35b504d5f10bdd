"""Commands with the settings of a server."""

from bundle.model import Service


def settings(service: Service) -> list[str]:
    """Give the settings as arguments, shares of the memory as whole MiB."""
    return [
        word.format(name=name, value=_value(value, service.resources.memory_mb))
        for name, value in service.settings.items()
        for word in service.setting_form
    ]


def _value(value: str, memory_mb: int) -> str:
    return f"{memory_mb * int(value[:-1]) // 100}MB" if value.endswith("%") else value
