"""The briefing: pages of sentences, tables and figures made from results, typeset as PDF, with workbook and manifest.

`material` holds what it is made from, `pages` puts it together, `folder` writes and verifies it.
"""
