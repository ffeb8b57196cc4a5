"""Two doors: the public's first page and a person's own page with what there is to do."""
