"""Search over whatever is public: one function, ``finding.search()``, on SQLite (FTS5) and PostgreSQL.

``asked`` reads what was typed, ``sources`` says what may be searched, ``index`` has the database keep the index,
``matching`` asks it, ``snippets`` shows why something was found, ``words`` knows what may have been meant.
"""
