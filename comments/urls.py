"""Addresses of the conversation."""

from django.urls import path

from comments import views

urlpatterns = [
    path("articles/<article_slug:slug>/comments/", views.reply, name="reply"),
    path("comments/<str:key>/", views.your_comment, name="your_comment"),
]
