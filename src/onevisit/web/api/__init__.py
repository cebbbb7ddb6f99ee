"""The interface for departments' own systems: JSON over the same verbs as the pages of the office.

An application of its own below /api: it knows keys and no cookies, and answers no page.
"""
