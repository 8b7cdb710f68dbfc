"""The pages that are measured: one function of this app each, with the number that its address ends in."""

from django.http import JsonResponse

from store import columns, counting_after, counting_before, counting_twice, deep_pages_after, deep_pages_before
from store import join_after, join_before, listing_after, listing_before, open_orders, totals_after, totals_before, totals_values

PAGES = {
    "listing-before": listing_before.rows,
    "listing-after": listing_after.rows,
    "join-before": join_before.lines,
    "join-after": join_after.lines,
    "columns-all": columns.all_of_them,
    "columns-only": columns.only_two,
    "columns-values": columns.two_values,
    "wide-all": columns.wide_all_of_them,
    "wide-only": columns.wide_only_two,
    "wide-values": columns.wide_two_values,
    "page-before": deep_pages_before.page,
    "page-after": deep_pages_after.page,
    "totals-before": totals_before.per_status,
    "totals-values": totals_values.per_status,
    "totals-after": totals_after.per_status,
    "any-before": counting_before.any_left,
    "any-after": counting_after.any_left,
    "many-before": counting_before.how_many,
    "many-after": counting_after.how_many,
    "twice-before": counting_twice.asked_first,
    "twice-after": counting_twice.read_once,
    "open": open_orders.rows,
}


def page(request, name, number):
    """Return what the function behind a name says (JsonResponse)."""
    return JsonResponse({"result": PAGES[name](number)})
