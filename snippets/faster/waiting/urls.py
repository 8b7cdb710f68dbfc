"""Addresses below /waiting/."""

from django.urls import path

from waiting import views

urlpatterns = [
    path("empty/", views.empty),
    path("page/", views.page),
    path("cpu/", views.cpu),
    path("database/", views.database),
    path("wait/", views.wait),
]
