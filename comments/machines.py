"""What is said about an article, for machines: as linked data and as Markdown.

Both show the responses that the page shows, in the same order and by the same addresses.
"""

from collections.abc import Iterator

from django.utils.translation import gettext

from articles.machines.linked_data import CONTEXT, Node
from articles.machines.markdown import escaped
from articles.models import Article
from articles.moments import rfc3339
from articles.rendering import all_text
from articles.site_addresses import page_of
from comments.models import ResponseType
from comments.thread_pages import ThreadPage
from comments.threads import Response, Said
from comments.untrusted import web_address

_WHOLE = 1_000_000  # characters: a response is not cut


def permalink(path: str, comment: Said) -> str:
    """Return where this response of the article at ``path`` is to be found for ever."""
    late = f"?comment={comment.pk}" if comment.is_late else ""
    return f"{path}{late}#comment-{comment.pk}"


# --- Linked data --------------------------------------------------------------------------------


def linked_data(article: Article, found: ThreadPage) -> Node:
    """Return what is said about the article, as far as this page shows it.

    It belongs to the ``BlogPosting`` of the same ``@id``, of which ``articles.machines.linked_data``
    says the rest. The words themselves are left out: they stand in the page beside it, under the same
    addresses, and twice they would cost a first visit 130 bytes (docs/decisions/0013).
    """
    path = article.get_absolute_url()
    return {
        "@context": CONTEXT,
        "@id": page_of(article),
        "@type": "BlogPosting",
        "commentCount": found.tally.responses,
        "comment": [_comment(response, path) for response in found.responses],
    }


def _comment(response: Response, path: str) -> Node:
    said = response.comment
    node: Node = {"@type": "Comment", "@id": permalink(path, said)}
    if said.kind == "reply":
        node["author"] = {"@type": "Person", "name": said.author_name}
    else:
        # A page rather than a person: its title, and where it is.
        node["name"] = said.author_name
        if web_address(said.author_url):
            node["sameAs"] = said.author_url
    node["datePublished"] = rfc3339(said.created_at)
    if response.answers is not None:
        node["parentItem"] = {"@type": "Comment", "@id": permalink(path, response.answers)}
    return node


# --- Markdown -----------------------------------------------------------------------------------


def markdown(article: Article, found: ThreadPage) -> str:
    """Return the responses as a list in which whoever typed them can only have typed text."""
    path = page_of(article)
    # Looked up once for all of them.
    answers = gettext("in reply to %(address)s")
    items = (f"{_head(each, path, answers)}\n\n{_quoted(each.comment)}" for each in found.responses)
    return "\n".join(items)


def _head(response: Response, path: str, answers: str) -> str:
    """Return “- **Name**, when, <where>”, with what it is and whom it answers."""
    said = response.comment
    parts = [f"**{escaped(said.author_name)}**", *_source(said)]
    parts += [rfc3339(said.created_at), f"<{permalink(path, said)}>"]
    if response.answers is not None:
        parts.append(answers % {"address": f"<{permalink(path, response.answers)}>"})
    return f"- {', '.join(parts)}"


def _source(said: Said) -> Iterator[str]:
    if said.kind != "reply":
        address = escaped(said.author_url) if web_address(said.author_url) else ""
        yield f"{said.kind} from {address}" if address else said.kind


def _quoted(said: Said) -> str:
    text = escaped(words(said))
    return f"  > {text}\n" if text else ""


def words(said: Said) -> str:
    """Return the words of a response as the page shows them, without markup."""
    if said.kind == "reply":
        return all_text(said.text_html, _WHOLE)
    is_quote = bool(said.text) and said.response_type == ResponseType.MENTION
    return f"[…] {said.text} […]" if is_quote else said.text
