"""Addresses below /store/."""

from django.urls import path

from store import views

urlpatterns = [path(f"{name}/<int:number>/", views.page, {"name": name}) for name in views.PAGES]
