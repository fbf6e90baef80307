"""Finished public pages, kept in memory and served without entering Django, never a stale one.

``requests`` says which requests may be answered from here, ``store`` holds the pages, ``freshness`` asks
the database whether a page is still true, ``triggers`` has the database note every change that readers
can see, and ``front`` puts them together in front of the application.
"""
