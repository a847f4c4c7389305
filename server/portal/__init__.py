"""The public web pages: booking, what each service needs, and the page on which a phone follows a ticket.

How a page is added: docs/adr/0016-portal.md.
"""
