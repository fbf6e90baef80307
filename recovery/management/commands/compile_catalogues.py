"""``manage.py compile_catalogues``: what gettext reads, from what translators wrote."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recovery import catalogues


class Command(BaseCommand):
    help = "Write the .mo files of locale/ from the .po files: compilemessages, without msgfmt."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile every catalogue, and name those that changed."""
        try:
            changed = [
                path for folder in settings.LOCALE_PATHS for path in catalogues.compile_all(folder)
            ]
        except catalogues.Unreadable as error:
            raise CommandError(str(error)) from error
        for path in changed:
            self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}")
