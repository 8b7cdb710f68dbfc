from django.db import models


class Product(models.Model):
    sku = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    price = models.PositiveIntegerField(help_text="In yen")

    class Meta:
        ordering = ["sku"]

    def __str__(self):
        return self.name
