"""Decisions of the past: the filter learns from the newest ones, nothing follows from the others."""

from django.db import migrations, models

LEARNED = 5_000  # as many as the filter keeps lessons


def settle_the_past(apps, schema_editor):
    events = apps.get_model("comments", "ModerationEvent").objects.order_by("-pk")
    people = events.filter(actor__isnull=False).values_list("pk", flat=True)
    # Without one, there are fewer decisions than are learned.
    oldest = next(iter(people[LEARNED - 1 : LEARNED]), 0)
    newest = events.filter(actor__isnull=False, pk__gte=oldest)
    events.filter(is_followed=False).exclude(pk__in=newest.order_by().values("pk")).update(
        is_followed=True
    )


class Migration(migrations.Migration):
    dependencies = [("comments", "0003_indexes_name_their_key")]

    operations = [
        migrations.AddField(
            model_name="moderationevent",
            name="follow_failures",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(settle_the_past, migrations.RunPython.noop),
    ]
