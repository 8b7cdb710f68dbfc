"""Sends the request id along with each task. Import it where you make the Celery app."""

from celery.signals import before_task_publish, task_postrun, task_prerun

from config.request_id import current


@before_task_publish.connect
def send(headers, **kwargs):
    headers["request_id"] = current.get()


@task_prerun.connect
def begin(task, **kwargs):
    current.set(getattr(task.request, "request_id", None))


@task_postrun.connect
def end(**kwargs):
    current.set(None)
