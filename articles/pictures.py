"""Pictures of an article that browsers will not show."""

import html
import re

from articles.site_addresses import absolute

_PLAIN = re.compile(r'<img (?:[^<>"]|"[^"]*")*?\bsrc="(http://[^"]*)"', re.IGNORECASE)


def unseen(*rendered: str) -> list[str]:
    """Return the addresses of pictures that the site's ``img-src`` does not allow, once each.

    Over http whoever is on the way could see and change them. Where browsers ask for them over https by
    themselves (W3C Mixed Content, 4.1), it depends on the place whether anything is there.
    """
    found = (html.unescape(address) for text in rendered for address in _PLAIN.findall(text))
    return [address for address in dict.fromkeys(found) if not address.startswith(absolute("/"))]
