"""What the admin shows of the site's machinery."""

from django.contrib import admin
from django_tasks_db import admin as tasks_admin  # noqa: F401 - registers what is taken out here
from django_tasks_db.models import DBTaskResult

from comments.moderation.health import sections
from recovery import health

# The rows of the queue are not for people to act on; the health page tells how it goes.
admin.site.unregister(DBTaskResult)
sections.append(health.section)
