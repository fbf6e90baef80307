"""Django's backend for SQLite, with writers that queue: ``ENGINE`` of the site's database."""
