"""Answers from documents: manuals, notes, house rules, in their own words and with their source.

    reading/    a file to headings, paragraphs, lists and tables
    chunks      these to passages that can be found, and units that can be quoted
    terms       words to stems; what a question asks for
    store       documents and passages on disk (SQLite, FTS5, vectors)
    index       files into the store, only what changed
    search      passages for a question: words and meaning, fused
    evidence    what speaks for a unit being the answer
    answer      the best units, quoted; or that the documents do not say

No text is generated: an answer is a quotation, or there is none.
"""

from hub.knowledge.errors import KnowledgeError
from hub.knowledge.knowledge import Knowledge
from hub.knowledge.values import Answered, Found, Quote

__all__ = ["Answered", "Found", "Knowledge", "KnowledgeError", "Quote"]
