"""Which part of a page a link stands in: its content, or what surrounds the content.

Judged by what the page says of its own elements: their names, ARIA roles, and the ids and classes
that blogs have long used for comments and sidebars. Style sheets and scripts are not read.
"""

from comments.linkbacks.markup import StartTag, names

#: Flags that an open element passes on to everything in it.
UNSEEN, OUTSIDE, CONTENT, _SECTION, _QUOTE = 1, 2, 4, 8, 16

#: Not shown as text in place, so neither links nor words in it can be seen.
_UNSEEN_TAGS = names("template svg canvas audio video object select datalist")
_OUTSIDE_ROLES = names("navigation banner contentinfo complementary search")
_OUTSIDE_NAMES = names(
    "comments comment comment-list commentlist comments-list comments-area comment-area"
    " comment-body comment-content comment-respond respond disqus_thread u-comment p-comment"
    " sidebar blogroll site-header site-footer"
)
_CONTENT_NAMES = names(
    "h-entry hentry e-content entry-content post-content post-body article-content article-body"
)


def region(tag: StartTag, inherited: int) -> int:
    """The flags of everything inside an element, given the flags of where it stands."""
    flags = inherited
    if tag.name in _UNSEEN_TAGS or is_hidden(tag):
        flags |= UNSEEN
    if tag.name in ("article", "main", "section"):
        flags |= _SECTION
    if tag.name in ("blockquote", "figure"):
        flags |= _QUOTE
    if _is_content(tag):
        flags |= CONTENT
    if _is_outside(tag, inherited):
        flags |= OUTSIDE
    return flags


def _is_content(tag: StartTag) -> bool:
    if tag.name in ("article", "main"):
        return True
    return not _CONTENT_NAMES.isdisjoint((tag.get("class") or "").lower().split())


def _is_outside(tag: StartTag, inherited: int) -> bool:
    if tag.name in ("html", "body", "main"):  # named for their whole page, comments included
        return False
    if tag.name == "header":
        by_name = not inherited & _SECTION  # an article's own header belongs to it
    elif tag.name == "footer":
        by_name = not inherited & _QUOTE  # in a quotation it names who is quoted
    else:
        by_name = tag.name in ("nav", "aside")
    return by_name or _named_outside(tag)


def _named_outside(tag: StartTag) -> bool:
    if not tag.attributes:
        return False
    names = f"{tag.get('id') or ''} {tag.get('class') or ''}".lower().split()
    role = (tag.get("role") or "").strip().lower()
    return role in _OUTSIDE_ROLES or not _OUTSIDE_NAMES.isdisjoint(names)


def is_hidden(tag: StartTag) -> bool:
    """Whether an element is hidden from readers by its `hidden` attribute (6.1)."""
    return "hidden" in tag.attributes and tag.attributes["hidden"].lower() != "until-found"
