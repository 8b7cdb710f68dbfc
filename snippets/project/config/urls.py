from django.urls import path

from shop import views

urlpatterns = [
    path("", views.home, name="home"),
    path("async/", views.async_home, name="async-home"),
    path("healthz/", views.health, name="health"),
    path("products/", views.products, name="products"),
    path("async/products/", views.async_products, name="async-products"),
    path("checkout/", views.checkout, name="checkout"),
    path("async/checkout/", views.async_checkout, name="async-checkout"),
    # For measuring: what the server passed on, and requests that wait, compute or stream.
    path("request/", views.about_request, name="about-request"),
    path("slow/", views.slow, name="slow"),
    path("async/slow/", views.async_slow, name="async-slow"),
    path("async/blocking/", views.async_blocking, name="async-blocking"),
    path("compute/", views.compute, name="compute"),
    path("holds-gil/", views.holds_gil, name="holds-gil"),
    path("stream/", views.stream, name="stream"),
    path("async/stream/", views.async_stream, name="async-stream"),
]
