from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0008_what_blocking_does"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=~Q(status="approved"),
                fields=["id", "look_alike"],
                name="comment_unapproved",
            ),
        ),
    ]
