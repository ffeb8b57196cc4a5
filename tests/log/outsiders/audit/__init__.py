"""An outsider's audit of a portal's public log and books, by nothing but its public addresses.

    python -m audit https://portal.example --keep seen.json [--key VERIFIER_KEY]

Stand-alone: Python 3.11, its standard library and `cryptography`; the folder can be taken elsewhere. It rebuilds the
tree twice, from the tiles of hashes and from the facts themselves; follows every entry to the balances that the pages
show; and keeps what it saw, so that the next run notices when the past was rewritten meanwhile. Exit code 1 when
anything is off, in sentences.

What it cannot see: whether the money of an entry ever reached a bank, and whether others are shown another log. For the
latter compare the last line with somebody else's.
"""
