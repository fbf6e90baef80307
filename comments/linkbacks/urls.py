"""Addresses at which other sites call."""

from django.urls import path

from comments.linkbacks import views

urlpatterns = [
    path("xmlrpc", views.xmlrpc, name="pingback"),
    # Where callers used to WordPress look.
    path("xmlrpc.php", views.xmlrpc),
    path("webmention", views.webmention, name="webmention"),
    path("articles/<article_slug:slug>/trackback/", views.trackback, name="trackback"),
    path("linkbacks/<private_key:key>/", views.status, name="linkback_status"),
]
