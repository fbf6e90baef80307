"""What crawlers are asked to leave alone: ``/robots.txt`` (RFC 9309)."""

from typing import Final

from django.http import HttpRequest, HttpResponse

from articles.reading_only import reading_only
from articles.site_addresses import absolute_to

#: Pages of one person, and pages made anew for each question. No rule keeps anybody out: what is private
#: has an address that nobody guesses, and says noindex.
PRIVATE: Final = ("/admin/", "/comments/", "/mail/", "/moderate/", "/linkbacks/", "/search/")
#: The same article with the form set to answer one comment, and permalinks that lead on.
_DOUBLES: Final = ("/*?reply=", "/*?comment=")
#: Below ``/comments/``, what is for everybody.
PUBLIC: Final = ("/comments/feed/",)


@reading_only
def robots(request: HttpRequest) -> HttpResponse:
    """Ask crawlers to leave alone what is for nobody to find, and show them the sitemap."""
    rules = [f"Allow: {path}" for path in PUBLIC]
    rules += [f"Disallow: {path}" for path in (*PRIVATE, *_DOUBLES)]
    sitemap = f"Sitemap: {absolute_to('sitemap')}"
    text = "\n".join(["User-agent: *", *rules, "", sitemap, ""])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
