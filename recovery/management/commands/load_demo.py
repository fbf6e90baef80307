"""``manage.py load_demo``: the demo article, when the site is empty."""

from typing import Any

from django.core.management.base import BaseCommand

from recovery import demo


class Command(BaseCommand):
    help = "Load the demo article and a pingback to it, unless the site has an article already."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the demo and say where it is; say nothing when there was nothing to do."""
        if article := demo.load():
            self.stdout.write(f"Loaded “{article}”: {article.get_absolute_url()}")
