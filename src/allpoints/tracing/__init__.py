"""Firearm tracing: from the country of manufacture along importers to the last known holder, one country at a time.

The requester's node keeps the whole trace and drives it; a country that is asked sees its own step alone. Each step has
a clock and an answer, and an answer says who is asked next. Nothing here sends, looks up or waits.
"""
