#!/usr/bin/env python3
"""Counts the words of the event's text, the most frequent first."""

import collections
import json
import re
import sys

event = json.load(sys.stdin)
words = re.findall(r"\w+", event["text"].lower())
print(f"counting {len(words)} words", file=sys.stderr)
json.dump({"words": len(words), "top": collections.Counter(words).most_common(3)}, sys.stdout)
print()
