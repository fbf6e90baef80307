"""What lists and looks at the table of comments are searched by."""

from typing import Final

from django.db import models
from django.db.models import Q

from comments.models.kinds import Status

_LISTED = ["kind", "status", "status_since"]
COMMENT_INDEXES: Final = [
    models.Index(fields=["article", "status", "created_at"], name="comment_of_article"),
    models.Index(fields=["status", "created_at"], name="comment_queue"),
    models.Index(fields=["status", "status_since"], name="comment_purge"),
    models.Index(fields=["article", "text_digest"], name="comment_same_text"),
    models.Index(fields=["look_alike", "status"], name="comment_alike_by_status"),
    # Few are linkbacks: with all kinds in it, SQLite would take it for replies too, and sort.
    models.Index(fields=_LISTED, condition=~Q(kind="reply"), name="comment_linkbacks"),
    # The newest that wait or were thrown away, with their groups: see ``comments.look_alikes``.
    models.Index(
        fields=["id", "look_alike"],
        condition=~Q(status=Status.APPROVED),
        name="comment_unapproved",
    ),
    models.Index(
        fields=["head", "status", "created_at", "id"],
        condition=Q(head__isnull=False),
        name="comment_of_thread",
    ),
    models.Index(fields=["status", "-doubt", "created_at"], name="comment_unsure"),
    models.Index(fields=["network_key"], condition=~Q(network_key=""), name="comment_network"),
]
