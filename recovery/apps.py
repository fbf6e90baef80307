from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """The project: settings, addresses, commands that run the site."""

    name = "recovery"
