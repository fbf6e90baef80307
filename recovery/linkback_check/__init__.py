"""Tries this installation against the standards and against abuse, on loopback: ``check_linkbacks``.

The site runs as its visitors meet it, over scratch data of its own. One other blog, ``peer``, serves
every page of the tables and takes what is sent. The rows stand by protocol in the other modules; what
they share is in ``bench``.
"""
