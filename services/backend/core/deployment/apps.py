from django.apps import AppConfig


class DeploymentConfig(AppConfig):
    name = "core.deployment"
    label = "deployment"
