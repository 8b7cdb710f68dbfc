from django.shortcuts import render


async def greeting(request):
    # A template cannot await: it gets the user, not the coroutine.
    return render(request, "sales/greeting.html", {"user": await request.auser()})
