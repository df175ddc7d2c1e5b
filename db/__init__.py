"""SQLAlchemy models, session, the SQL of the queue, the audit trail."""
