from django.db import migrations

from articles.rendering import headings_in


def note_headings(apps, schema_editor):
    """Note the headings of the articles that are there."""
    articles = apps.get_model("articles", "Article").objects
    rows = articles.filter(body_html__contains="<h").values_list("pk", "body_html")
    for pk, html in rows.iterator(chunk_size=200):
        articles.filter(pk=pk).update(headings="\n".join(headings_in(html)))


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0005_search"),
    ]

    operations = [migrations.RunPython(note_headings, migrations.RunPython.noop)]
