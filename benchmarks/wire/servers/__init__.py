"""The servers, each a program, as their manuals say that they are written.

The law of this package: one file for each library, which alone imports it. All run on asyncio's
own loop, log no access, agree on no extension, echo each message, and answer any other request
with the same body.
"""
