"""What can go wrong on the way from books to data, in words that say what to mend.

TextbookError
└── BookError  one book cannot be read; the others can
"""


class TextbookError(Exception):
    """A folder, a file of checks or a book cannot be used; the text names it, the fault and the remedy."""


class BookError(TextbookError):
    """A book that cannot be read: encrypted, cut short, without pages. The text says which and the remedy."""
