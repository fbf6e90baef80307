"""What is said of linkbacks by modules that know no language; see ``comments.stored_words``."""

from typing import Final

from django.utils.translation import gettext_noop as _

SENTENCES: Final = (
    # Why a response went or came back (registering)
    _("gone at its source"),
    _("the same page as another response"),
    _("its page links here again"),
    # Why one is not taken (targets, receiving, addresses, views)
    _("The target is not an address that this site would have."),
    _("The target is not an address of this site."),
    _("There is nothing at the target's address."),
    _("The target is a page of this site, but not an article."),
    _("There is no article at the target's address."),
    _("That article takes no pingbacks."),
    _("That article takes no trackbacks."),
    _("That article takes no webmentions."),
    _("The source's address has “.” or “..” in its path."),
    _("The source is a page of this site itself."),
    _("Linkbacks from that site are not taken here."),
    _("Too many linkbacks wait to be checked. Send yours again in an hour."),
    _("Too many linkbacks came from your network in this hour."),
    _("Too many linkbacks named that host in this hour."),
    _("The source is not a valid web address."),
    _("The source address must start with http:// or https://."),
    _("The source address uses a port that is not fetched from."),
    _("The source address is longer than %(count)s characters."),
    _("The source address holds blanks, backslashes or control characters."),
    _("The source address must not hold a user name or password."),
    _("The source address names no valid host."),
    _("The source address names no host."),
    _("The source's host is ambiguous: write it in its xn-- form."),
    # What a person's form may lack (webmention)
    _("source and target are the same page: a page cannot mention itself."),
    _("source is missing: send the full address of the source page."),
    _("source is longer than %(count)s characters: send a shorter address."),
    _("source holds control characters: send the address without them."),
    _("source is not a full web address: it must start with http:// or https:// and name a host."),
    # What a look at a page showed (checking, fetching, verification)
    _("The check could not be completed."),
    _("The source could not be fetched."),
    _("The source is not a page."),
    _("The source says that it was deleted."),
    _("The source was deleted (410)."),
    _("The source could not be read to its end."),
    _("The source's server did not answer in time."),
    _("The source's server answered with an error (%(status)s)."),
    _("There is no page at the source's address (%(status)s)."),
    _("The page does not link to the article."),
    _("The page does not link to the article; it does link to %(address)s."),
    _(
        "The page links to the article only outside its own content:"
        " in its navigation, header, footer, sidebar or comments."
    ),
    _("The page no longer links to the article."),
    # What came of telling another page (delivery, sending)
    _("Sending could not be completed."),
    _("Told once already: TrackBack knows no updates."),
    _("That page cannot be read at the moment (%(status)s)."),
    _("That page answers %(status)s."),
    _("That address answers %(status)s, a redirect after which nothing may be posted again."),
    _("That address is not one on the public web."),
    _("That address did not answer in time."),
    _("That address could not be reached."),
    _(
        "The endpoint of that page answers %(status)s, a redirect after which nothing may be"
        " posted again."
    ),
    _("The endpoint of that page is not one on the public web."),
    _("The endpoint of that page did not answer in time."),
    _("The endpoint of that page could not be reached."),
)
