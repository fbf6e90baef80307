"""The queue as tests read and use it."""

import re

from django.test import Client

from comments.models import Comment

QUEUE = "/admin/comments/comment/"
MARKER = "marker.reader@hidden-mailbox.example"


def body(response) -> str:
    return str(response.content, "utf-8")


def shown(response) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr id="comment-(\d+)"', body(response))]


def buttons(response) -> list[str]:
    return re.findall(r'name="_moderate" value="([^"]+)"', body(response))


def undo_value(response) -> str:
    found = re.search(r'name="_undo" value="([\d,]+)"', body(response))
    assert found, "no Undo on the page"
    return found[1]


def press(client: Client, verb: str, comment: Comment, query: str = "", **data: str):
    return client.post(QUEUE + query, {"_moderate": f"{verb}:{comment.pk}", **data}, follow=True)


def run_action(client: Client, action: str, comments: list[Comment], query: str = "", **extra):
    data = {"action": action, "index": "0", "_selected_action": [c.pk for c in comments], **extra}
    return client.post(QUEUE + query, data, follow=True)


def status_of(comment: Comment) -> str:
    return Comment.objects.get(pk=comment.pk).status
