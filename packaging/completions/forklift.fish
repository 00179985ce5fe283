# Completion for forklift in fish, from the program's own help, so that it is that of the version at hand.

function __forklift_commands
    forklift --help 2>/dev/null | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p'
end

function __forklift_options
    set -l words (commandline -opc)
    set -l command $words[2..2]
    forklift $command --help 2>/dev/null | sed -n 's/^  [-a-z,]*\(--[a-z-]*\).*/\1/p'
end

function __forklift_values
    set -l words (commandline -opc)
    string match -q -- '--*' $words[-1]; or return
    forklift $words[2] --help 2>/dev/null | sed -n "s/^  .*$words[-1] .*:{\([a-z0-9_,]*\)}.*/\1/p" | tr , '\n'
end

complete -c forklift -n __fish_use_subcommand -f -a '(__forklift_commands)'
complete -c forklift -n 'string match -q -- "-*" (commandline -ct)' -a '(__forklift_options)'
complete -c forklift -n 'not __fish_use_subcommand' -a '(__forklift_values)'
