# Completion for forklift in bash. Commands, options and the values of options are read from the program's own help,
# so they are those of the version at hand.

_forklift() {
  local program=${COMP_WORDS[0]/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local command='' help values
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    help=$("$program" --help 2>/dev/null | sed -n -e '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p' \
      -e 's/^  .*\(--[a-z-]*\).*/\1/p')
    mapfile -t COMPREPLY < <(compgen -W "$help" -- "$current")
    return
  fi
  command=${COMP_WORDS[1]}
  help=$("$program" "$command" --help 2>/dev/null)
  values=$(sed -n "s/^  .*$previous .*:{\([a-z0-9_,]*\)}.*/\1/p" <<<"$help" | tr , ' ')
  if [[ $previous == --* && -n $values ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current")
  elif [[ $current == -* ]]; then
    help=$(sed -n 's/^  [-a-z,]*\(--[a-z-]*\).*/\1/p' <<<"$help")
    mapfile -t COMPREPLY < <(compgen -W "$help" -- "$current")
  fi
}

complete -o default -F _forklift forklift
