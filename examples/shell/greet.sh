#!/bin/sh
# Greets whoever the event names. The event is on stdin, the answer goes to stdout.
set -eu

exec jq -c '{greeting: "Hello, \(.name // "world")!"}'
