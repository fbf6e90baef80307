"""Addresses at which other blogs call."""

from django.urls import path

from comments.linkbacks import views

urlpatterns = [
    path("xmlrpc", views.xmlrpc, name="pingback"),
    # Where callers used to WordPress look.
    path("xmlrpc.php", views.xmlrpc),
]
