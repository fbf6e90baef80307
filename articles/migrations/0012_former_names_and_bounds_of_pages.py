import django.core.validators
import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def list_something(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write out what a 0 meant until now."""
    blogs = apps.get_model("articles", "Blog").objects
    blogs.filter(articles_per_page=0).update(articles_per_page=10)
    blogs.filter(entries_per_feed=0).update(entries_per_feed=20)


def former_names(kind: str, of: str) -> migrations.CreateModel:
    owner = models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="old_names", to=of
    )
    key = models.CharField(max_length=240, unique=True)
    fields = [("id", KEY.clone()), ("key", key), ("owner", owner)]
    return migrations.CreateModel(name=kind, fields=fields, options={"abstract": False})


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0011_labels"),
    ]

    operations = [
        former_names("OldSeriesName", "articles.series"),
        former_names("OldTagName", "articles.tag"),
        migrations.AlterField(
            model_name="blog",
            name="articles_per_page",
            field=models.PositiveSmallIntegerField(
                default=10,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="articles per page",
            ),
        ),
        migrations.RunPython(list_something, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="blog",
            constraint=models.CheckConstraint(
                condition=models.Q(articles_per_page__gte=1, entries_per_feed__gte=1),
                name="blog_lists_something",
            ),
        ),
    ]
