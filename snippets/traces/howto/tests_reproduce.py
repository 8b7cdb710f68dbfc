"""A 500 from the log as a test, without a server."""

from django.test import SimpleTestCase


class CheckoutTests(SimpleTestCase):
    async def test_checkout_in_swiss_francs(self):
        """The async path through URLs, middleware and view. The server is missing: its threads, and clients that disconnect."""
        response = await self.async_client.get("/waiting/charge/?currency=CHF")
        self.assertEqual(response.status_code, 200)

    def test_checkout_in_swiss_francs_under_wsgi(self):
        """The same request on the sync path: does it fail there, too?"""
        response = self.client.get("/waiting/charge/?currency=CHF")
        self.assertEqual(response.status_code, 200)
