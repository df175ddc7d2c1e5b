"""The worker: claims queued cases in batches, shows them to the model, writes back; sweeps and schedules.

The database is the queue. A broker message says "there is work" and carries nothing; losing it costs seconds.
Knows nothing of HTTP.
"""
