from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class RecoveryConfig(AppConfig):
    """The project: settings, addresses, commands that run the site."""

    name = "recovery"

    def ready(self) -> None:
        from articles import frames
        from recovery.page_cache import marks

        frames.watch = marks.FrameWatch()
        connection_created.connect(marks.note_file)
        # SQLite rewrites tables to change them, which takes their triggers along, and refuses to while
        # the triggers of others name them.
        pre_migrate.connect(_stop_watching, sender=self)
        post_migrate.connect(_watch, sender=self)


def _stop_watching(*, plan: object = (), **_: object) -> None:
    # Where nothing is to be changed the site may be running, and is watched all the time.
    from recovery.page_cache import triggers

    if plan:
        triggers.remove()


def _watch(**_: object) -> None:
    from recovery.page_cache import triggers

    if triggers.missing():
        triggers.install()
