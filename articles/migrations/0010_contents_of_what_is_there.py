from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from articles.contents import contents

AT_ONCE = 200


def make_contents(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Make the table of contents of each article from its HTML, which is not rendered anew."""
    articles = apps.get_model("articles", "Article").objects
    pks = list(articles.order_by("pk").values_list("pk", flat=True))
    for at in range(0, len(pks), AT_ONCE):
        found = list(articles.filter(pk__in=pks[at : at + AT_ONCE]).only("pk", "body_html"))
        for article in found:
            article.contents_html = contents(article.body_html)
        articles.bulk_update([one for one in found if one.contents_html], ["contents_html"])


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0009_appearance_language_and_contents"),
    ]

    operations = [
        migrations.RunPython(make_contents, migrations.RunPython.noop, elidable=True),
    ]
