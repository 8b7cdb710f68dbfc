"""The pages of this step, and silk's own."""

from django.urls import include, path

urlpatterns = [path("", include("measuring.urls")), path("silk/", include("silk.urls", namespace="silk"))]
