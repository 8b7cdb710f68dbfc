# python manage.py shell < explain.py
from store.open_orders import oldest_open

print(oldest_open().explain(analyze=True, buffers=True))
