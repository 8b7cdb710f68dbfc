"""A 500 from the log as a test, without a server."""

from django.test import SimpleTestCase


class CheckoutTests(SimpleTestCase):
    async def test_checkout_in_swiss_francs(self):
        """Through Django's ASGI handler: middleware, event loop and threads are those of production."""
        response = await self.async_client.get("/waiting/charge/?currency=CHF")
        self.assertEqual(response.status_code, 200)

    def test_checkout_in_swiss_francs_under_wsgi(self):
        """The same request through the WSGI handler: does it fail on both sides of the boundary?"""
        response = self.client.get("/waiting/charge/?currency=CHF")
        self.assertEqual(response.status_code, 200)
