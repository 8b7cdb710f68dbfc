"""The views of the step "async"."""

from django.urls import path

from coroutines import (
    blocking_after,
    blocking_before,
    computing,
    crossings,
    eight_async,
    eight_threads,
    empty,
    page,
    wait_and_query,
    waiting_after,
    waiting_before,
)

urlpatterns = [
    path("waiting-sync/", waiting_before.waiting),
    path("waiting-async/", waiting_after.waiting),
    path("blocking/", blocking_before.report),
    path("blocking-in-a-thread/", blocking_after.report),
    path("page-sync/", page.sync_page),
    path("page-async/", page.async_page),
    path("computing-sync/", computing.sync_computing),
    path("computing-async/", computing.async_computing),
    path("empty-sync/", empty.sync_empty),
    path("empty-async/", empty.async_empty),
    path("crossings-to-sync/", crossings.to_sync),
    path("crossings-to-async/", crossings.to_async),
    path("eight-threads/", eight_threads.eight),
    path("eight-one-after-another/", eight_threads.one_after_another),
    path("eight-async/", eight_async.eight),
    path("wait-and-query-sync/", wait_and_query.sync_view),
    path("wait-and-query-async/", wait_and_query.async_view),
]
