"""Looks for what readers confide wherever it must not be: ``check_privacy``.

A reader with a known address, network and browser writes to a scratch copy of the site (``canary``,
``planting``). Then everything that leaves the site or is kept is read (``places``), and searched for them in
every likely disguise (``traces``).
"""
