"""Addresses below /calls/."""

from django.urls import path

from calls import views

urlpatterns = [path(f"{how}/", views.one, {"how": how}) for how in views.STOCK]
urlpatterns += [path(f"{how}/", views.several, {"how": how}) for how in views.STOCKS]
