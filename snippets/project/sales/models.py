from django.db import models


class Rate(models.Model):
    currency = models.CharField(max_length=3, unique=True)
    yen = models.PositiveIntegerField()


class Customer(models.Model):
    name = models.CharField(max_length=100)


class Order(models.Model):
    number = models.PositiveIntegerField(unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
