#!/bin/bash
# Started once, this answers one event after another: a line in, a line out.
visits=0
while IFS= read -r event; do
  visits=$((visits + 1))
  printf '{"visit":%d,"event":%s}\n' "$visits" "${event:-null}"
done
