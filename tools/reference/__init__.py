"""The reference pages, written from the code: each module here is one page."""
