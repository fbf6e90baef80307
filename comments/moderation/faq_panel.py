"""What the admin says of questions that go from the comments into an article's FAQ."""

from django.contrib.auth.models import AnonymousUser, User
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from articles.models import Article, FaqEntry
from comments.models import Comment, FaqOrigin

DRAFTS = "faq-drafts"
EDITING = ("articles.view_faqentry", "articles.change_faqentry")


def of_article(article: Article) -> str:
    """Return which drafts among an article's questions came from readers; empty without any."""
    drafts = FaqOrigin.objects.filter(entry__article=article, entry__is_published=False)
    found = list(drafts.select_related("entry", "comment").order_by("entry__position", "entry"))
    if not found:
        return ""
    listed = render_to_string("admin/comments/_faq_drafts.html", {"drafts": found})
    return format_html('<div id="{}" tabindex="-1">{}</div>', DRAFTS, listed)


def of_comment(comment: Comment) -> str:
    """Return which entry was made of a comment; empty while there is none."""
    origin = FaqOrigin.objects.filter(comment=comment).select_related("entry__article").first()
    return render_to_string("admin/comments/_faq_entry.html", {"origin": origin}) if origin else ""


def place_of(entry: FaqEntry, user: User | AnonymousUser) -> str:
    """Return where an entry is in the form of its article; among the drafts for who has no fields."""
    form = reverse("admin:articles_article_change", args=[entry.article_id])
    if not any(map(user.has_perm, EDITING)):
        return f"{form}#{DRAFTS}"
    siblings = FaqEntry.objects.filter(article_id=entry.article_id).values_list("pk", flat=True)
    return f"{form}#faq_entries-{list(siblings).index(entry.pk)}"


def made(entry: FaqEntry) -> str:
    """Return what is said when an entry was made of a comment, or had been before."""
    if entry.is_published:
        said = gettext("“%(question)s” is in the FAQ of the article already.")
    else:
        said = gettext(
            "“%(question)s” is a draft in the FAQ of the article. Readers don’t see it yet."
        )
    return said % {"question": entry.question}
