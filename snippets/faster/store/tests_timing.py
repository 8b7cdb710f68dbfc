"""The log line of the timing middleware tells waiting from computing from querying."""

import re
import time

from django.http import HttpResponse
from django.test import RequestFactory, TestCase

from store.models import Order
from store.timing import timing

LINE = re.compile(r"GET /page/ wall=(\d+) cpu=(\d+) db=(\d+) queries=(\d+)$")


class TimingLine(TestCase):
    """Each view spends its time on one thing."""

    def measure(self, work):
        """Run work as a view; return wall, cpu, db (ms) and queries (list of int)."""

        def view(request):
            work()
            return HttpResponse()

        with self.assertLogs("store.timing", "INFO") as logs:
            timing(view)(RequestFactory().get("/page/"))
        return [int(number) for number in LINE.search(logs.output[0]).groups()]

    def test_waiting_is_wall_time_without_cpu_time(self):
        wall, cpu, db, queries = self.measure(lambda: time.sleep(0.2))
        self.assertGreaterEqual(wall, 200)
        self.assertLess(cpu, 100)
        self.assertEqual((db, queries), (0, 0))

    def test_computing_is_cpu_time(self):
        def work():
            until = time.thread_time() + 0.2
            while time.thread_time() < until:
                pass

        wall, cpu, _db, _queries = self.measure(work)
        self.assertGreaterEqual(cpu, 200)
        self.assertGreaterEqual(wall, cpu)

    def test_queries_are_counted(self):
        def work():
            for _ in range(3):
                Order.objects.count()

        *_times, queries = self.measure(work)
        self.assertEqual(queries, 3)
