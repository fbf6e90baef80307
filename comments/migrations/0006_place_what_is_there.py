"""Every comment knows the first of its thread, and whether it came late: see ``Comment.take_place()``."""

from django.db import migrations

HEADS = """
WITH RECURSIVE below (id, head) AS (
    SELECT id, id FROM comments_comment WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, b.head FROM comments_comment c JOIN below b ON c.parent_id = b.id
)
UPDATE comments_comment SET head_id = below.head FROM below
WHERE comments_comment.id = below.id AND below.id <> below.head
"""
LATE = """
UPDATE comments_comment SET is_late = TRUE FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY article_id ORDER BY created_at, id) AS nth
    FROM comments_comment
) AS counted
WHERE comments_comment.id = counted.id AND counted.nth > 50
"""


class Migration(migrations.Migration):
    # Apart from the columns: PostgreSQL changes no table whose rows have just been changed.
    dependencies = [("comments", "0005_thread_pages")]

    operations = [
        migrations.RunSQL(HEADS, migrations.RunSQL.noop),
        migrations.RunSQL(LATE, migrations.RunSQL.noop),
    ]
