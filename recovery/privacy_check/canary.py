"""The reader who is looked for: an address, networks and a browser that nobody else has."""

from typing import Final

#: As it is typed: with capitals, a dot and a tag, which programs like to normalise away.
ADDRESS: Final = "Marker.Kestrel+x7@Hidden-Plover.example"
ADDRESS_PARTS: Final = ("marker.kestrel", "markerkestrel", "hidden-plover")
#: Set aside for documentation (RFC 5737, RFC 3849), with what is left when they are cut.
IPV4: Final = "203.0.113.77"
IPV6: Final = "2001:db8:5ca1:ab1e::77"
CUT: Final = ("203.0.113", "203.0.113.0", "203.0.113.0/24", "2001:db8:5ca1::", "2001:db8:5ca1::/48")
BROWSER: Final = "Sandpiper-Browser/7.7"
#: What everybody may know.
NAME: Final = "Robin Reader"
WEBSITE: Final = "https://robin.example/"
