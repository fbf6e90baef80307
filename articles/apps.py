from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    """Articles with their questions and answers, and the pages that show them."""

    name = "articles"
