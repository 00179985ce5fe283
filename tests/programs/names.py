"""What check_sam.py and check_terraform.py share: names that are known, and what is said of others."""
import difflib


def nearest(name, known):
    """What NAME may have meant, as the end of a sentence."""
    close = difflib.get_close_matches(str(name), sorted(known), 1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(sorted(known))}" if known else ""


def check_names(where, found, allowed, needed=()):
    """A problem for each name that is not allowed, and for each that is needed and not there."""
    for name in found:
        if name not in allowed:
            yield f"{where}: there is no {name}{nearest(name, set(allowed) - set(found))}"
    for name in sorted(needed):
        if name not in found:
            yield f"{where}: {name} is missing"
