"""All columns, some of them, or values without model instances: of narrow rows and of wide ones."""

from store.models import Order, Product


def all_of_them(count):
    """Return number and status of the newest orders (list of dict), from rows of five short columns."""
    return [{"number": order.pk, "status": order.status} for order in Order.objects.order_by("-pk")[:count]]


def only_two(count):
    """The same; the database leaves three columns out."""
    orders = Order.objects.only("status").order_by("-pk")
    return [{"number": order.pk, "status": order.status} for order in orders[:count]]


def two_values(count):
    """The same from tuples: no model instance is made."""
    orders = Order.objects.order_by("-pk").values_list("pk", "status")
    return [{"number": number, "status": status} for number, status in orders[:count]]


def wide_all_of_them(count):
    """Return number and name of the newest products (list of dict), from rows with a long description."""
    return [{"number": product.pk, "name": product.name} for product in Product.objects.order_by("-pk")[:count]]


def wide_only_two(count):
    """The same; the description stays in the database."""
    products = Product.objects.only("name").order_by("-pk")
    return [{"number": product.pk, "name": product.name} for product in products[:count]]


def wide_two_values(count):
    """The same from tuples."""
    products = Product.objects.order_by("-pk").values_list("pk", "name")
    return [{"number": number, "name": name} for number, name in products[:count]]
