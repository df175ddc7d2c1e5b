"""What can go wrong on the way from books to data, in words that say what to mend."""


class TextbookError(Exception):
    """A book, a folder or a file of checks cannot be used; the text names it, the fault and the remedy."""


class BookError(TextbookError):
    """One book cannot be read: encrypted, cut short, without pages. Whoever catches it names the book."""
