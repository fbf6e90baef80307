"""No author and no reader can make an id of the page a second time."""

import re
from collections import Counter

import pytest
from django.test import Client

from comments import tokens
from comments.models import Status
from tests.articles.rendered import ids
from tests.builders import make_article, make_comment, make_faq_entry

HOSTILE = (
    *("respond", "main", "comment-1", "responses", "errors", "id_comment", "faq", "faq-title"),
    *("commentform", "reply-title", "responses-title", "questions-title", "id_author_error"),
)
BODY = "\n\n".join(
    [*(f"## {name}" for name in HOSTILE), *(f"x\n{{: #{name} }}" for name in HOSTILE)]
)


@pytest.mark.django_db
def test_all_ids_of_the_page_differ(client: Client) -> None:
    article = make_article(body=f"{BODY}\n\nNote[^1].\n\n[^1]: N", slug="rest")
    for question in ("title", "Title?", "title", "questions title", *HOSTILE):
        make_faq_entry(article, question=question, answer=f"{BODY}\n\nNote[^1].\n\n[^1]: N")
    make_comment(article, status=Status.APPROVED, text=BODY)
    token = tokens.issue(article)

    refused = client.post("/articles/rest/comments/", {"token": token, "url": "x y", "email": "x"})

    assert refused.status_code == 400
    pages = [refused.content.decode(), client.get("/articles/rest/").content.decode()]
    for page in pages:
        assert [name for name, times in Counter(ids(page)).items() if times > 1] == []
        assert set(re.findall(r'(?:for|aria-labelledby)="([^"]+)"', page)) <= set(ids(page))
    assert {"errors", "id_comment_error", "respond", "main", "faq"} <= set(ids(pages[0]))
