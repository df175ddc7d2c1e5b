"""What `make demo` and the tests need around the product: its own PostgreSQL and Redis, and the supervisor.

Nothing here is used in production, where `DATABASE_URL` and `BROKER_URL` name servers that others run.
"""
