"""Linked data in the page is data to a browser: nothing of it runs, and our CSP has nothing against it."""

import json

from comments.models import Status
from tests.builders import make_article, make_comment, make_faq_entry

HOSTILE = "</script><script>document.title='hacked'</script><img src=x onerror=alert(1)>"


def test_data_blocks_are_read_and_not_run(page, site):
    article = make_article(title=HOSTILE[:200], summary=HOSTILE)
    make_faq_entry(article, question=HOSTILE)
    make_comment(article, status=Status.APPROVED, author_name=HOSTILE, text=HOSTILE)
    said = []
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', event =>"
        " { (window.refused ||= []).push(event.violatedDirective + ' ' + event.blockedURI) })"
    )
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(site + article.get_absolute_url(), wait_until="networkidle")
    blocks = page.locator('script[type="application/ld+json"]').all_text_contents()
    assert len(blocks) == 2
    own, conversation = map(json.loads, blocks)
    assert own[0]["headline"] == HOSTILE[:200]
    assert conversation["comment"][0]["author"]["name"] == HOSTILE
    assert page.evaluate("window.refused || []") == []
    assert said == []
    assert "hacked" not in page.title().replace(HOSTILE[:200], "")
