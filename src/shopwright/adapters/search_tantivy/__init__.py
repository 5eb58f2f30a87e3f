"""Search on tantivy, in a folder of its own: for large catalogs on one machine; the extra `search` installs it."""

from shopwright.adapters.search_tantivy.index import TantivySearch

__all__ = ["TantivySearch"]
