# For the comparison on the page: what asyncio itself tells of its tasks.
import asyncio
import signal

signal.signal(signal.SIGRTMIN, lambda *_: [task.print_stack() for task in asyncio.all_tasks()])
