"""The publish gate: nothing private may stand in a site.

What is published is decided by allow-lists, so that private text has no way to a page.
The gate is the second lock: `private_text` gathers what must not leave, `fingerprints`
finds it again, `machine` knows what tells of this computer, `public` what may be said
all the same, and `search` looks through every byte that is about to leave.
"""
