#!/bin/bash
# Fails in the way that the event asks for, to show what the caller gets to see.
set -eu

how=$(jq -r '.how')
echo "about to fail by $how" >&2

case $how in
    status)
        exit 3
        ;;
    signal)
        kill -KILL $$
        ;;
    error)
        echo '{"errorType": "Shop.SoldOut", "errorMessage": "there is no more tea"}'
        exit 1
        ;;
esac
echo '"This did not fail."'
