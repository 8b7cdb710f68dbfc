"""For the time of a diagnosis: what Django knows about a request."""

from django.http import JsonResponse

HEADERS = ["Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded"]


def whoami(request):
    return JsonResponse(
        {
            "is_secure": request.is_secure(),
            "build_absolute_uri": request.build_absolute_uri(),
            "REMOTE_ADDR": request.META.get("REMOTE_ADDR"),
            "headers": {name: request.headers.get(name) for name in HEADERS},
        },
        json_dumps_params={"indent": 2},
    )
