"""The views of the step "measure"."""

from django.urls import path

from measuring import views

urlpatterns = [
    path("computing/", views.computing),
    path("waiting/", views.waiting),
    path("slow-query/", views.slow_query),
    path("order-list/", views.order_list),
]
