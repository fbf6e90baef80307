"""Mail: replies told to the readers who asked for that, and what waits told to moderators.

Everything is planned as an ``OutgoingMail`` row, written when it is sent, and sent by the worker.
``posting`` is the one place where the address behind a comment is opened to write to it.
"""
