"""The list of each tag's articles and their number, kept by the database (see ``articles.derived``)."""

from collections.abc import Iterator

from articles.derived import Derivation
from articles.trigger_catalogue import Trigger

_TAGGED, _ARTICLES, _LISTS = "articles_article_tags", "articles_article", "articles_taglisting"
_LISTED = (
    f"INSERT INTO {_LISTS} (tag_id, article_id, published_at)"  # noqa: S608
    f" SELECT t.tag_id, a.id, a.published_at FROM {_TAGGED} t JOIN {_ARTICLES} a"
    " ON a.id = t.article_id WHERE a.status = 'published'"
)
_COUNTED = f"SELECT COUNT(*) FROM {_LISTS} l WHERE l.tag_id = articles_tag.id"  # noqa: S608


def _add(which: str) -> str:
    return f"{_LISTED} AND {which} ON CONFLICT DO NOTHING"


def _take(which: str) -> str:
    return f"DELETE FROM {_LISTS} WHERE {which}"  # noqa: S608


def _triggers() -> Iterator[Trigger]:
    new, old = (
        f"tag_id = {row}.tag_id AND article_id = {row}.article_id" for row in ("NEW", "OLD")
    )
    added = _add("t.tag_id = NEW.tag_id AND t.article_id = NEW.article_id")
    yield Trigger("tags_tagged", _TAGGED, "INSERT", (added,))
    yield Trigger("tags_untagged", _TAGGED, "DELETE", (_take(old),))
    yield Trigger("tags_retagged", _TAGGED, "UPDATE", (_take(old), _take(new), added))
    yield Trigger(
        "tags_shown",
        _ARTICLES,
        "UPDATE OF status, published_at",
        (_take("article_id = NEW.id"), _add("t.article_id = NEW.id")),
        "OLD.status IS DISTINCT FROM NEW.status OR OLD.published_at IS DISTINCT FROM NEW.published_at",
    )
    yield Trigger("tags_gone", _ARTICLES, "DELETE", (_take("article_id = OLD.id"),))
    for event, row, sign in (("INSERT", "NEW", "+"), ("DELETE", "OLD", "-")):
        counted = f"UPDATE articles_tag SET listed = listed {sign} 1 WHERE id = {row}.tag_id"  # noqa: S608
        yield Trigger(f"tags_counted_{event.lower()}", _LISTS, event, (counted,))


def _rebuild() -> Iterator[str]:
    yield f"DELETE FROM {_LISTS}"  # noqa: S608
    yield _LISTED
    yield f"UPDATE articles_tag SET listed = ({_COUNTED}) WHERE listed <> ({_COUNTED})"  # noqa: S608


DERIVATION = Derivation(
    "tags",
    {
        _TAGGED: {"tag_id", "article_id"},
        _ARTICLES: {"id", "status", "published_at"},
        _LISTS: {"tag_id", "article_id", "published_at"},
        "articles_tag": {"listed"},
    },
    _triggers,
    _rebuild,
)
