"""The whole road: seven steps over all books, resumable, each also on its own."""
