"""Where other blogs' announcements come in."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from comments import pace
from comments.linkbacks import pingback
from comments.linkbacks.exceptions import LinkbackRefused
from comments.linkbacks.receiving import receive_pingback


@csrf_exempt  # called by other servers, which have no session here
def xmlrpc(request: HttpRequest) -> HttpResponse:
    """Answer ``pingback.ping(source, target)``: a string, or a fault (Pingback 1.0, section 3)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    body = request.read(pingback.MAX_BYTES + 1)
    try:
        call = pingback.parse_call(body)
        receive_pingback(call.source, call.target, network=pace.client_network(request))
    except pingback.WireFault as fault:
        answer = pingback.fault(fault.code, str(fault))
    except LinkbackRefused as refusal:
        answer = pingback.fault_for(refusal)
    else:
        answer = pingback.success(
            f"The pingback from {call.source} to {call.target} was received. "
            "It is checked now, and shown when a moderator approves it."
        )
    return HttpResponse(answer, content_type="text/xml; charset=utf-8")
