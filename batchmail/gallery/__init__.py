"""One page, complete in itself, that shows mails as their readers will see them."""

from batchmail.gallery.page import Leaf, gallery_page

__all__ = ["Leaf", "gallery_page"]
