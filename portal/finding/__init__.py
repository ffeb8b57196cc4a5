"""One search for people, organisations and teams: by name, volunteer number, pinyin or initials.

Nobody finds whom she may not know: a search goes through the people of her own view, or, for those who see everybody,
through an index. Names are searched as they are written from the moment they are; how they are read, a job writes down
within seconds. A whole mobile or ID number finds exactly its person, and never stands in an address.
"""
