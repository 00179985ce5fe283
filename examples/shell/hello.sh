# Greets whoever the event names, as examples/shell/greet.sh does, but as a function: the file is
# read once, and `handler` is called for every event, with the event as its argument.

greeting=Hello

handler() {
    jq -c --arg greeting "$greeting" '{greeting: "\($greeting), \(.name // "world")!"}' <<<"$1"
}
