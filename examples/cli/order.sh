#!/bin/sh
# One order, "3 apples", on stdin; its message's identifier as the first argument.
read -r count what rest
case $count in
    '' | *[!0-9]*) echo "message $1: an order begins with a number" >&2; exit 1 ;;
esac
echo "message $1: $count of $what" >&2
