"""The second table: the same routes, asked about records that are not the cast's own team's and fund's.

Letters as in `access_table.py`. The columns: what is the volunteer's or the donor's own · what others of the same
organisation have (another team; another cashier of the fund) · what strangers have (another organisation or fund).
An empty column is never asked: such a record belongs to no single person, or the first table asks just that.
"""

HOUSES = ("own", "same", "stranger")

# fmt: off
RECORDS: dict[str, tuple[str, str, str]] = {
    # in each column: nobody volunteer leader lead cashier accountant council supervisor worker donor admin
    "GET /activities/<int:activity_id>":              ("",            "...........", "..........."),
    "POST /activities/<int:activity_id>/close":       ("",            "l..o...xx.x", "l......xx.x"),
    "GET /activities/<int:activity_id>/edit":         ("",            "l..x...xx.x", "l......xx.x"),
    "POST /activities/<int:activity_id>/edit":        ("",            "l..o...xx.x", "l......xx.x"),
    "POST /activities/<int:activity_id>/publish":     ("",            "l..o...xx.x", "l......xx.x"),
    "POST /activities/<int:activity_id>/return":      ("",            "l..o...xx.x", "l......xx.x"),
    "GET /activities/<int:activity_id>/review":       ("",            "l..o...ox.o", "l......ox.o"),
    "POST /activities/<int:activity_id>/submit":      ("",            "l..o...xx.x", "l......xx.x"),
    "GET /activities/<int:activity_id>/text":        ("",            "l..r...xx.x", "l......xx.x"),
    "GET /audit/sign-ins/<int:sign_in_id>":           ("lxxxxxxxxxo", "lxxxxxxxxxo", "lxxxxxxxxxo"),
    "GET /files/<public_id>/<name>":                  ("looo...o..o", "l..o...o..o", "l......o..o"),
    "GET /hours/<int:claim_id>":                      ("looo...o..o", "l..o...o..o", "l......o..o"),
    "POST /hours/<int:claim_id>/approve":             ("lxxo...x..x", "l..o...x..x", "l......x..x"),
    "POST /hours/<int:claim_id>/correct":             ("loxx...x..x", "l..x...x..x", "l......x..x"),
    "GET /hours/<int:claim_id>/correct":              ("loxx...x..x", "l..x...x..x", "l......x..x"),
    "POST /hours/<int:claim_id>/return":              ("lxxo...x..x", "l..o...x..x", "l......x..x"),
    "GET /hours/<int:claim_id>/return":               ("lxxo...x..x", "l..o...x..x", "l......x..x"),
    "POST /hours/<int:claim_id>/undo":                ("lxxo...x..x", "l..o...x..x", "l......x..x"),
    "GET /imports/<int:id>":                          ("",            "l...oo.o..o", "l......o..o"),
    "POST /imports/<int:id>/again":                   ("",            "l...ox.x..x", "l......x..x"),
    "POST /imports/<int:id>/columns":                 ("",            "l...ox.x..x", "l......x..x"),
    "POST /imports/<int:id>/confirm":                 ("",            "l...xo.x..x", "l......x..x"),
    "POST /imports/<int:id>/hand-over":               ("",            "l...ox.x..x", "l......x..x"),
    "POST /imports/<int:id>/leave-out":               ("",            "l...ox.x..x", "l......x..x"),
    "POST /imports/<int:id>/leave-out-booked":        ("",            "l...ox.x..x", "l......x..x"),
    "GET /imports/<int:id>/progress":                 ("",            "l...oo.o..o", "l......o..o"),
    "POST /imports/<int:id>/read":                    ("",            "l...ox.x..x", "l......x..x"),
    "GET /imports/<int:id>/receipts":                 ("",            "l...oo.o..o", "l......o..o"),
    "POST /imports/<int:id>/resume":                  ("",            "l...xo.x..x", "l......x..x"),
    "POST /imports/<int:id>/return":                  ("",            "l...xo.x..x", "l......x..x"),
    "POST /imports/<int:id>/take-back":               ("",            "l...ox.x..x", "l......x..x"),
    "POST /imports/<int:id>/withdraw":                ("",            "l...ox.x..x", "l......x..x"),
    "POST /me/account/sign-ins/<int:sign_in_id>/end": ("lo.........", "l..........", "l.........."),
    "POST /notices/<int:notice_id>/go":              ("lo.........", "l..........", "l.........."),
    "POST /receipts/<number>":                        ("",            "ooooooooooo", "ooooooooooo"),
    "GET /receipts/<number>":                         ("",            "ooooooooooo", "ooooooooooo"),
    "POST /receipts/<number>/close":                  ("",            "ooooooooooo", "ooooooooooo"),
    "POST /receipts/<number>/keep":                   ("lxxxxxxxxox", "lxxxxxxxxxx", "lxxxxxxxxxx"),
    "POST /receipts/<number>/let-go":                 ("lxxxxxxxxox", "lxxxxxxxxxx", "lxxxxxxxxxx"),
    "GET /receipts/<number>/pdf":                     ("rrrroororoo", "rrrroororro", "rrrrrrrorro"),
    "POST /receipts/<number>/public-name":            ("xxxxxxxxxox", "xxxxxxxxxxx", "xxxxxxxxxxx"),
    "POST /receipts/<number>/public-name/withdraw":   ("xxxxxxxxxox", "xxxxxxxxxxx", "xxxxxxxxxxx"),
    "GET /receipts/<number>/slip":                    ("",            "lxxxooxxxxx", "lxxxxxxxxxx"),
    "GET /roles/<int:grant_id>/end":                ("lo.x...x..o", "l..o...x..o", "l......x..o"),
    "POST /roles/<int:grant_id>/end":               ("lo.x...x..o", "l..o...x..o", "l......x..o"),
    "POST /roles/deputies/<int:wish_id>/confirm":   ("lx..x..x..o", "l......x..o", "l......x..o"),
    "POST /roles/deputies/<int:wish_id>/refuse":    ("lx..x..x..o", "l......x..o", "l......x..o"),
    "POST /roles/deputies/<int:wish_id>/withdraw":  ("lo..o..x..x", "l......x..x", "l......x..x"),
    "GET /roles/people/<int:person_id>":            ("lo.o...o..o", "l..o...o..o", "l......o..o"),
    "GET /roles/people/<int:person_id>/account":    ("lx.x...x..o", "l..x...x..o", "l......x..o"),
    "POST /roles/people/<int:person_id>/account/close":("?", "?", "?"),
    "POST /roles/people/<int:person_id>/account/code":("?", "?", "?"),
    "POST /roles/people/<int:person_id>/account/reopen":("?", "?", "?"),
    "GET /roles/people/<int:person_id>/hand-over":  ("lx.o...x..o", "l..o...x..o", "l......x..o"),
    "POST /roles/people/<int:person_id>/hand-over": ("lx.o...x..o", "l..o...x..o", "l......x..o"),
    "GET /teams/<slug>":                              ("",            "l..o...oo.o", "l......oo.o"),
}

SAME_FOR_ALL: dict[str, str] = {
    "GET /funds/<slug>": "public",
    "GET /funds/<slug>/donations": "public",
    "GET /funds/<slug>/donations.<any(csv, json):kind>": "public",
    "GET /funds/<slug>/spending": "public",
    "GET /funds/<slug>/spending.<any(csv, json):kind>": "public",
    "GET /static/<path:filename>": "public",
    "GET /verify/<number>": "says whether a confirmation is genuine, and nothing else",
    "GET /notices/off/<wish>": "whoever has the letter may, signed in or not",
    "POST /notices/off/<wish>": "whoever has the letter may, signed in or not",
    "GET /jobs/<int:job_id>": "background work is nobody's own",
    "POST /jobs/<int:job_id>/again": "background work is nobody's own",
    "POST /jobs/<int:job_id>/drop": "background work is nobody's own",
}
"""Routes with a variable part that know no owner, and why."""
# fmt: on
