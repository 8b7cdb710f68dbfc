from django.urls import include, path

from stock import views

urlpatterns = [
    path("", include("config.urls")),
    path("stock/sync/", views.sync_price),
    path("stock/async/", views.async_price),
    path("stock/blocking/", views.blocking_price),
    path("stock/cached/", views.cached_price),
    path("stock/leak/", views.leaking_price),
    path("stock/stream/", views.stream_prices),
    path("stock/move-in/", views.move_in),
    path("stock/move-out/", views.move_out),
]
