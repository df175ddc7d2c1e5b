"""The Celery side: claim queued cases in batches, assess, write back; sweeps and schedules."""
