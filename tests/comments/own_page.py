"""How authors' own pages are asked in the tests."""

from django.http import HttpResponse
from django.test import Client

from comments.models import Comment

OURS = {"Sec-Fetch-Site": "same-origin"}
FOREIGN = {"Sec-Fetch-Site": "cross-site"}


def show(client: Client, comment: Comment) -> str:
    """Return the page as its author sees it."""
    response = client.get(comment.private_path)
    assert response.status_code == 200
    return response.content.decode()


def do(client: Client, about: Comment, act: str, /, headers=OURS, **data: str) -> HttpResponse:
    """Post the act, then read the comment again where it still is."""
    response: HttpResponse = client.post(  # type: ignore[assignment]
        about.private_path, {"act": act, **data}, headers=headers
    )
    if Comment.objects.filter(pk=about.pk).exists():
        about.refresh_from_db()
    return response
