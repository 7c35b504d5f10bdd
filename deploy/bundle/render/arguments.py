"""Commands with the settings of a server."""

from bundle.model import Service


def settings(service: Service) -> list[str]:
    """Give the settings as arguments, shares of the memory as whole MiB."""
    return [
        word.format(name=name, value=resolved(value, service.resources.memory_mb))
        for name, value in service.settings.items()
        for word in service.setting_form
    ]


def resolved(value: str, memory_mb: int) -> str:
    """Turn a share of the memory into whole MiB."""
    return f"{memory_mb * int(value[:-1]) // 100}MB" if value.endswith("%") else value
