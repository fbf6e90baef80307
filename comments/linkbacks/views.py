"""Where other sites' announcements come in, and where their senders see what became of them."""

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from articles.models import Article
from articles.reading_only import reading_only
from articles.site_addresses import absolute_to
from articles.views import article_page
from comments import pace
from comments.linkbacks import pingback
from comments.linkbacks import trackback as wire
from comments.linkbacks import webmention as rules
from comments.linkbacks.exceptions import AlreadyRegistered, LinkbackRefused, TooHasty
from comments.linkbacks.models import Linkback
from comments.linkbacks.receiving import Receipt, receive
from comments.linkbacks.targets import find_target
from comments.models import Kind
from comments.private_pages import keep_private
from comments.stored_words import shown

XML = "text/xml; charset=utf-8"
ALREADY = "A linkback from that page to that article has already been registered."


@csrf_exempt  # called by other servers, which have no session here
def xmlrpc(request: HttpRequest) -> HttpResponse:
    """Answer ``pingback.ping(source, target)``: a string, or a fault (Pingback 1.0, section 3)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        call = pingback.parse_call(request.read(pingback.MAX_BYTES + 1))
        receipt = _receive(Kind.PINGBACK, call.source, call.target, request)
        if not receipt.is_new:
            raise AlreadyRegistered(ALREADY)
    except pingback.WireFault as fault:
        answer = pingback.fault(fault.code, str(fault))
    except LinkbackRefused as refusal:
        answer = pingback.fault_for(refusal)
    else:
        answer = pingback.success(
            f"The pingback from {call.source} to {call.target} was received. "
            f"What becomes of it is shown at {status_url(receipt.linkback)}"
        )
    return HttpResponse(answer, content_type=XML)


@csrf_exempt
def trackback(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a TrackBack ping: only its address counts, the rest is read from the page it names."""
    if request.method != "POST":
        # A person who follows the link comes to the article (TrackBack 1.2 dropped pings by GET).
        return HttpResponseRedirect(reverse("article", args=[slug]))
    try:
        ping = wire.parse_ping(
            request.read(wire.MAX_BYTES + 1), request.headers.get("Content-Type", "")
        )
        receipt = _receive(Kind.TRACKBACK, ping.url, absolute_to("article", slug), request)
        error = None if receipt.is_new else ALREADY
    except (wire.TrackbackFault, LinkbackRefused) as refusal:
        error = str(refusal)
    return HttpResponse(wire.answer(error), content_type=XML)


@csrf_exempt
def webmention(request: HttpRequest) -> HttpResponse:
    """Take a webmention: 201 and a status page, or 400 and a sentence (Webmention 3.2)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        asked = rules.parse_request(
            request.headers.get("Content-Type", ""),
            request.POST.getlist("source"),
            request.POST.getlist("target"),
        )
        receipt = _receive(Kind.WEBMENTION, asked.source, asked.target, request)
    except (rules.BadRequest, LinkbackRefused) as refusal:
        return _refused(request, refusal)
    where = status_url(receipt.linkback)
    if _is_person(request):
        return HttpResponseRedirect(where, status=303)
    answer = f"Received. What becomes of it is shown at {where}\n"
    return HttpResponse(
        answer, status=201, headers={"Location": where}, content_type="text/plain; charset=utf-8"
    )


def _receive(kind: Kind, source: str, target: str, request: HttpRequest) -> Receipt:
    return receive(kind, source, target, network=pace.client_network(request))


def _is_person(request: HttpRequest) -> bool:
    """Say whether a browser's form asks, rather than another server."""
    return "text/html" in request.headers.get("Accept", "")


def _refused(request: HttpRequest, refusal: Exception) -> HttpResponse:
    status = 429 if isinstance(refusal, TooHasty) else 400
    if _is_person(request):
        response: HttpResponse = _refused_page(request, refusal)
        response.status_code = status
        add_never_cache_headers(response)
    else:
        plain = "text/plain; charset=utf-8"
        response = HttpResponseBadRequest(f"{refusal}\n", content_type=plain)
        response.status_code = status
    if status == 429:
        response["Retry-After"] = "3600"
    return response


def _refused_page(request: HttpRequest, refusal: Exception) -> HttpResponse:
    """Give back what was typed, on the article's page, or say the reason where it is none of ours."""
    if (article := _article_of(request)) is None:
        context: dict[str, object] = {"heading": "Your link was not taken", "words": str(refusal)}
        return TemplateResponse(request, "refused.html", context)
    source = request.POST.get("source", "")
    return article_page(request, article, refusal=shown(str(refusal)), refused_source=source)


def _article_of(request: HttpRequest) -> Article | None:
    try:
        return find_target(request.POST.get("target", ""))
    except LinkbackRefused:
        return None


def status_url(linkback: Linkback) -> str:
    """Return the absolute address of the page that says what became of a linkback."""
    return absolute_to("linkback_status", linkback.status_key)


@reading_only
def status(request: HttpRequest, key: str) -> HttpResponse:
    """Tell a linkback's sender in plain words what has become of it, and how to mend what is wrong."""
    linkback = get_object_or_404(
        Linkback.objects.select_related("article", "comment", "merged_into__comment"),
        status_key=key,
    )
    shown = linkback.merged_into or linkback
    context = {"linkback": shown, "target": linkback.article, "comment": shown.comment}
    return keep_private(TemplateResponse(request, "linkbacks/status.html", context))
