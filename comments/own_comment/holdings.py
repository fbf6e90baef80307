"""Everything that is kept about a comment, for its author to take away: without any secret of others.

What cannot be shown without weakening it (the address, the keyed hashes, tokens) is said to be kept.
"""

import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from articles.site_addresses import absolute, page_of
from comments import pace
from comments.models import (
    Comment,
    Contact,
    FaqOrigin,
    Lesson,
    Subscription,
    SubscriptionState,
)
from comments.own_comment.history import history
from comments.stored_words import shown

# Held of a comment and not given out as it is, with what is said instead.
WITHHELD = {
    "id": _("given as “number”"),
    "private_key": _("the last part of the address of your page"),
    "article": _("given as “article”"),
    "parent": _("given as “in_reply_to”"),
    "head": _("the first of the comments above yours"),
    "user": _("given as “written_while_signed_in”"),
    "network_key": _("said under “network”"),
    "look_alike": _("a random mark that groups similar texts"),
    "text_digest": _("a fingerprint of the text, to find the same one twice"),
    "declined_digest": _("a fingerprint of a text once declined; of replies always empty"),
}

# There are notices only after a yes from the mailbox, which may be somebody else's: to list them would
# tell whoever typed that address what its owner answered.
MAILS = _(
    "Which mails about replies were planned or sent is kept, and not listed: that would tell whoever "
    "typed an address what the owner of the mailbox answered. They are in that mailbox."
)


def holdings(comment: Comment) -> dict[str, Any]:
    """Return all that is kept about the comment, ready for JSON."""
    return {
        "made_at": timezone.now(),
        "your_page": absolute(comment.private_path),
        "comment": _comment(comment),
        "history": [
            {"at": step.at, "what": step.sentence, "message": step.message}
            for step in history(comment)
        ],
        "spam_filter": _opinion(comment),
        "email_address": _address(comment),
        "network": _network(comment),
        "told_of_replies": _subscription(comment),
        "mails": gettext(MAILS),
        "email_address_looked_at": _looks(comment),
        "question_in_the_article": _faq(comment),
        "kept_but_not_given_here": {name: gettext(how) for name, how in WITHHELD.items()},
    }


def _comment(comment: Comment) -> dict[str, Any]:
    plain = [field.name for field in Comment._meta.concrete_fields if field.name not in WITHHELD]
    parent = comment.parent
    return {
        "number": comment.pk,
        "article": page_of(comment.article),
        "in_reply_to": None if parent is None else parent.pk,
        "written_while_signed_in": comment.user_id is not None,
        **{name: getattr(comment, name) for name in plain},
    }


def _opinion(comment: Comment) -> dict[str, Any]:
    lesson = Lesson.objects.filter(comment=comment).first()
    if lesson is None:
        return {"learned_from_it": False}
    kept = gettext(
        "Numbers made from the features of the text, by which the filter learns. They hold no words."
    )
    return {
        "learned_from_it": True,
        "learned_at": lesson.learned_at,
        "as_spam": lesson.is_spam,
        "kept": kept,
    }


def _address(comment: Comment) -> dict[str, Any]:
    contact = Contact.objects.filter(comment=comment).defer("ciphertext", "blind_index").first()
    if contact is None:
        return {"kept": False}
    where = gettext("Kept encrypted, with a keyed fingerprint of it. Shown nowhere, not even here.")
    return {"kept": True, "since": contact.created_at, "how": where}


def _network(comment: Comment) -> dict[str, Any]:
    hours = pace.KEPT // datetime.timedelta(hours=1)
    how = ngettext(
        "Your IP address is not kept. A keyed fingerprint of your network is, for %(hours)s hour.",
        "Your IP address is not kept. A keyed fingerprint of your network is, for %(hours)s hours.",
        hours,
    )
    return {"fingerprint_kept": bool(comment.network_key), "how": how % {"hours": hours}}


def _subscription(comment: Comment) -> dict[str, Any]:
    """Say what was asked for here. What the mailbox's owner answered is theirs alone to know."""
    wish = Subscription.objects.filter(comment=comment).first()
    if wish is None:
        return {"asked_for": False}
    muted = wish.state == SubscriptionState.MUTED
    return {"asked_for": True, "since": wish.created_at, "muted": muted}


def _looks(comment: Comment) -> list[dict[str, Any]]:
    looks = comment.reveals.order_by("at").values_list("at", "reason")
    return [{"at": at, "reason": shown(reason)} for at, reason in looks]


def _faq(comment: Comment) -> dict[str, Any] | None:
    origin = FaqOrigin.objects.filter(comment=comment).select_related("entry").first()
    if origin is None:
        return None
    entry = origin.entry
    shown = entry.is_published
    return {"since": origin.created_at, "published": shown, "credited_to": entry.credit_name}
