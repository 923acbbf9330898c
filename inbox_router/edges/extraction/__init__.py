"""Text out of hostile files: the program that runs inside the bounded worker process.

Nothing here is imported by the service itself except `bounds` and `wire`; the libraries that take files apart are
loaded in the worker only, which `inbox_router.edges.attachments` starts as `python -m inbox_router.edges.extraction`.
"""
