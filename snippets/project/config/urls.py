from django.urls import path
from django.views.generic import TemplateView

from shop import views

urlpatterns = [
    path("", views.home, name="home"),
    path("async/", views.async_home, name="async-home"),
    path("healthz/", views.health, name="health"),
    path("products/", views.products, name="products"),
    path("async/products/", views.async_products, name="async-products"),
    path("checkout/", views.checkout, name="checkout"),
    path("async/checkout/", views.async_checkout, name="async-checkout"),
    path("chat/", TemplateView.as_view(template_name="shop/chat.html"), name="chat"),
    # For measuring: what the server passed on, and requests that wait, compute or stream.
    path("request/", views.about_request, name="about-request"),
    path("slow/", views.slow, name="slow"),
    path("async/slow/", views.async_slow, name="async-slow"),
    path("async/blocking/", views.async_blocking, name="async-blocking"),
    path("compute/", views.compute, name="compute"),
    path("holds-gil/", views.holds_gil, name="holds-gil"),
    path("stream/", views.stream, name="stream"),
    path("async/stream/", views.async_stream, name="async-stream"),
    path("stream/endless/", views.endless_stream, name="endless-stream"),
    path("async/stream/endless/", views.async_endless_stream, name="async-endless-stream"),
    path("exit/", views.exit_process, name="exit-process"),
]
