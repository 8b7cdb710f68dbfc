"""Addresses below /background/."""

from django.urls import path

from background import views

urlpatterns = [path(f"{how}/", views.order, {"how": how}) for how in views.PLACE_ORDER]
urlpatterns += [path("queue/", views.queue)]
