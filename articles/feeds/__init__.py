"""Feeds: RSS 2.0, Atom and JSON Feed of one and the same entries.

``entries`` is what a feed says; ``rss``, ``atom`` and ``json_feed`` write it; ``content`` makes HTML fit to be
read elsewhere; ``lists`` collects the entries of articles; ``answering`` and ``addresses`` serve them.
"""
