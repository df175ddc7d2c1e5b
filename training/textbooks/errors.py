"""What can be wrong with a book, said in one line to the person who brought it."""


class BookError(Exception):
    """A book that cannot be read: encrypted, cut short, without pages. The text says which and the remedy."""
