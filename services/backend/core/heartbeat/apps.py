from django.apps import AppConfig


class HeartbeatConfig(AppConfig):
    name = "core.heartbeat"
    label = "heartbeat"
