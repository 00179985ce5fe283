#!/bin/bash
# Forklift's shim for bash 4.4 and later: calls a function of a file for every event.
#
#     bash bash.sh FILE FUNCTION
#
# speaks docs/worker-protocol.md, framing `framed`, on stdin and stdout. For the author of FILE:
#
# - FILE is sourced once. FUNCTION gets the event's text as $1 and the headers as LAMBDA_RUNTIME_*
#   variables. What it writes to stdout is the answer, stderr is the log, stdin is empty. A status
#   other than 0 is an error; a JSON object with errorType and errorMessage on stdout names it.
# - Each call is a subshell: `exit`, `set -e`, `cd` and variables end with it, and none of it can
#   reach another event. What FILE sets up while it is sourced is there in every call, with its
#   shell options. A call in this very shell would keep variables from event to event, but its
#   output would have to go through a file, which a process left behind could still write to when
#   the next event has its turn. A worker that must keep state can read its events itself: see
#   `lines` on the protocol's page.
# - Text is exact to the byte, as long as FUNCTION returns or exits by itself; after `exec` or with
#   a trap of its own on EXIT the last line ends of the answer are lost. Bash strings hold no NUL:
#   an event with one is refused, and bash drops those of an answer with a warning in the log. So
#   binary answers go out as base64, or from another language.
# - A process left in the background must not hold stdout: the answer ends when all have closed it.

# FILE shares this shell's names, so all of them begin with forklift_. It may have functions with the names of
# what is called here: those are set aside, and are there in a call.
exec {forklift_in}<&0 {forklift_out}>&1 </dev/null >&2
forklift_file=$1
forklift_function=$2
forklift_mark=$'\4'
forklift_trace=()
forklift_noted=()
forklift_words=(break builtin command declare echo eval exec exit export head local mapfile printf read return set
  shopt trap unset)
set --

# forklift_json TEXT...: as JSON strings with commas between them, in forklift_reply.
forklift_json() {
  local forklift_text forklift_code forklift_char
  forklift_reply=
  for forklift_text; do
    forklift_text=${forklift_text//\\/"\\\\"}
    forklift_text=${forklift_text//\"/'\"'}
    if [[ $forklift_text == *[[:cntrl:]]* ]]; then
      forklift_text=${forklift_text//$'\n'/'\n'}
      forklift_text=${forklift_text//$'\t'/'\t'}
      for forklift_code in {1..31}; do
        printf -v forklift_code %02x "$forklift_code"
        printf -v forklift_char %b "\\x$forklift_code"
        forklift_text=${forklift_text//"$forklift_char"/"\\u00$forklift_code"}
      done
    fi
    forklift_reply+=${forklift_reply:+,}\"$forklift_text\"
  done
}

# forklift_failure TYPE MESSAGE: logs it, and puts the error document into forklift_reply.
forklift_failure() {
  printf '[ERROR] %s: %s\n' "$1" "$2" >&2
  ((${#forklift_trace[@]} == 0)) || printf '    %s\n' "${forklift_trace[@]}" >&2
  forklift_json "${forklift_trace[@]}"
  local forklift_traced=$forklift_reply
  forklift_json "$1"
  local forklift_type=$forklift_reply
  forklift_json "$2"
  forklift_reply="{\"errorType\":$forklift_type,\"errorMessage\":$forklift_reply,\"stackTrace\":[$forklift_traced]}"
}

# forklift_send HEADERS BODY. echo hands the whole message to the kernel at once; printf does not.
forklift_send() {
  echo -nE "$1Content-Length: ${#2}"$'\r\n\r\n'"$2" >&"$forklift_out"
}

# forklift_send_error HEADERS TYPE: with the document in forklift_reply. A header is visible ASCII.
forklift_send_error() {
  local forklift_header="Lambda-Runtime-Function-Error-Type: ${2//[!!-~]/?}"$'\r\n'
  forklift_send "$1$forklift_header" "$forklift_reply"
}

forklift_cannot_start() {
  trap - EXIT ERR RETURN
  set +eux
  LC_ALL=C
  forklift_failure "$1" "$2"
  forklift_send_error '' "$1"
  exit 1
}

# For the trap on ERR, which fires where a command fails and again in every caller: keeps the frames
# of the first place. A status that was passed on comes from the same command, further out.
# Nothing in this and the next function is a command, because functions of FILE go before commands.
forklift_note() {
  forklift_status=$? forklift_command=$BASH_COMMAND
  if [[ $forklift_status != "${forklift_noted[0]-}" || $forklift_command != "${forklift_noted[1]-}" ]] ||
    ((${#FUNCNAME[@]} >= forklift_noted[2])); then
    forklift_noted=("$forklift_status" "$forklift_command" "${#FUNCNAME[@]}")
    forklift_frames
    ((${#forklift_trace[@]})) || forklift_trace=("$forklift_file: $forklift_function: $forklift_command")
  fi
}

# The frames of FILE below the caller, innermost first, as bash itself names places.
forklift_frames() {
  forklift_trace=()
  for ((forklift_i = 2; forklift_i < ${#FUNCNAME[@]}; ++forklift_i)); do
    if [[ ${FUNCNAME[forklift_i]} == forklift_* || ${BASH_SOURCE[forklift_i]} == "$0" ]]; then
      ((forklift_i = ${#FUNCNAME[@]}))
    else
      forklift_trace+=("${BASH_SOURCE[forklift_i]}: line ${BASH_LINENO[forklift_i - 1]}: ${FUNCNAME[forklift_i]}")
    fi
  done
}

# forklift_clear: removes FILE's functions that go before commands. Only in POSIX mode does `unset` itself.
forklift_clear() {
  POSIXLY_CORRECT=1
  unset -f "${forklift_words[@]}"
  unset POSIXLY_CORRECT
}

# forklift_set_aside: the same, and keeps them in forklift_aside. `typeset` is the one that is not called
# anywhere else.
forklift_set_aside() {
  if forklift_aside=$(
    POSIXLY_CORRECT=1
    unset -f typeset
    typeset -f "${forklift_words[@]}" 2>/dev/null
  ) || [[ -n $forklift_aside ]]; then
    forklift_options=$BASHOPTS
    forklift_clear
    for forklift_i in expand_aliases inherit_errexit interactive_comments sourcepath; do
      case :$forklift_options: in
        *:$forklift_i:*) shopt -s "$forklift_i" ;;
        *) shopt -u "$forklift_i" ;;
      esac
    done
  fi
}

# For the traps on EXIT: `exit` says nothing to the trap on ERR, so this notes the function that
# exited, whose line is not known here. After `set -e`, what ERR has noted in that place stands.
forklift_note_exit() {
  [[ ${FUNCNAME[2]} != main && ${FUNCNAME[2]} != forklift_* ]] || return 0
  [[ "$1 $((${#FUNCNAME[@]} - 1))" != "${forklift_noted[0]-} ${forklift_noted[2]-}" ]] || return 0
  forklift_frames
  forklift_trace[0]="${BASH_SOURCE[2]}: ${FUNCNAME[2]}: exit $1"
}

# The end of a call, however it came about: marks the end of the answer, which would lose its last
# line ends otherwise, and adds the frames of a failure.
forklift_end() {
  forklift_status=$?
  forklift_clear
  if ((forklift_status != 0)); then
    forklift_note_exit "$forklift_status"
    echo -nE "$forklift_mark"
    ((${#forklift_trace[@]} == 0)) || printf '%s\n' "${forklift_trace[@]}"
  fi
  echo -nE "$forklift_mark"
}

# forklift_call EVENT: FUNCTION as its author knows it: with the locale and options of FILE.
forklift_call() {
  exec {forklift_in}<&- {forklift_out}>&-
  eval "$forklift_locale"
  unset _X_AMZN_TRACE_ID
  ((${#forklift_variables[@]} == 0)) || export "${forklift_variables[@]}"
  trap forklift_end EXIT
  [[ $forklift_flags == *E* ]] || trap forklift_note ERR
  set "-E$forklift_flags"
  # From here on the commands are FILE's, if it has any.
  if [[ -n $forklift_aside ]]; then eval "$forklift_aside"; fi
  "$forklift_function" "$1"
}

# forklift_read_headers: the next request's, into forklift_id, forklift_length, forklift_variables.
forklift_read_headers() {
  local forklift_line forklift_name forklift_value forklift_begun=
  forklift_id=
  forklift_length=
  forklift_variables=()
  while IFS= read -r -u "$forklift_in" forklift_line; do
    forklift_line=${forklift_line%$'\r'}
    forklift_begun=1
    if [[ -z $forklift_line ]]; then
      [[ -n $forklift_id && $forklift_length =~ ^[0-9]+$ ]] && return
      forklift_stop "a request without its id or a length"
    fi
    [[ $forklift_line == *:* ]] || forklift_stop "a header line without a colon"
    forklift_name=${forklift_line%%:*}
    forklift_name=${forklift_name^^}
    forklift_value=${forklift_line#*:}
    forklift_value=${forklift_value#"${forklift_value%%[! $'\t']*}"}
    forklift_value=${forklift_value%"${forklift_value##*[! $'\t']}"}
    case $forklift_name in
      CONTENT-LENGTH) forklift_length=$forklift_value ;;
      # The platform's own variable, which no header may change.
      LAMBDA-RUNTIME-DIR) ;;
      LAMBDA-RUNTIME-*[!A-Z0-9-]*) ;;
      LAMBDA-RUNTIME-*)
        forklift_variables+=("${forklift_name//-/_}=$forklift_value")
        case $forklift_name in
          LAMBDA-RUNTIME-AWS-REQUEST-ID) forklift_id=$forklift_value ;;
          LAMBDA-RUNTIME-TRACE-ID) forklift_variables+=("_X_AMZN_TRACE_ID=$forklift_value") ;;
        esac
        ;;
    esac
  done
  [[ -z $forklift_begun$forklift_line ]] || forklift_stop "the end of stdin inside a request"
  exit 0
}

forklift_stop() {
  printf 'bash.sh: %s\n' "$1" >&2
  exit 1
}

# forklift_read_body: the body into forklift_event. Returns 1 when it has a NUL, having read it all.
# `read -n` asks a pipe for one byte at a time. `read -N` takes blocks, but skips NULs without
# counting them, and would wait for bytes that never come; so `head` counts, where that pays.
forklift_read_body() {
  local forklift_piece forklift_left=$forklift_length forklift_result=0
  forklift_event=
  if ((forklift_left > 2048)) && [[ -n $forklift_has_head ]]; then
    IFS= read -r -d '' -N "$forklift_left" forklift_event < <(command head -c "$forklift_left" <&"$forklift_in")
    ((${#forklift_event} < forklift_left)) || return 0
    # No more requests can be there yet: only the end of stdin can be read now.
    ! read -r -t 0 -u "$forklift_in" || forklift_stop "the end of stdin inside a request"
    return 1
  fi
  while ((forklift_left > 0)); do
    IFS= read -r -u "$forklift_in" -d '' -n "$forklift_left" forklift_piece ||
      forklift_stop "the end of stdin inside a request"
    forklift_event+=$forklift_piece
    ((forklift_left -= ${#forklift_piece}))
    # A piece that is too short was ended by a NUL.
    ((forklift_left == 0)) || ((--forklift_left, forklift_result = 1))
  done
  return "$forklift_result"
}

# forklift_answer STATUS OUTPUT: takes apart what a call left, and replies.
forklift_answer() {
  local forklift_result=$1 forklift_answered=$2 forklift_type forklift_message forklift_lines
  forklift_type=
  local forklift_string='[[:space:]]*:[[:space:]]*"(([^"\\]|\\.)*)"'
  forklift_trace=()
  if [[ ${forklift_answered: -1} == "$forklift_mark" ]]; then
    forklift_answered=${forklift_answered:0:${#forklift_answered}-1}
    if ((forklift_result != 0)); then
      forklift_lines=$forklift_answered
      forklift_answered=${forklift_answered%"$forklift_mark"*}
      forklift_lines=${forklift_lines:${#forklift_answered}+1}
      [[ -z $forklift_lines ]] || mapfile -t forklift_trace <<<"${forklift_lines%$'\n'}"
    fi
  fi
  if ((forklift_result == 0)); then
    forklift_send "$forklift_head" "$forklift_answered"
    return
  fi
  if ((${#forklift_answered} < 262144)) && [[ $forklift_answered =~ ^[[:space:]]*\{.*\}[[:space:]]*$ &&
    $forklift_answered =~ \"errorMessage\"$forklift_string ]]; then
    forklift_message=${BASH_REMATCH[1]}
    if [[ $forklift_answered =~ \"errorType\"$forklift_string ]]; then
      forklift_type=${BASH_REMATCH[1]}
      printf '[ERROR] %s: %s\n' "$forklift_type" "$forklift_message" >&2
      forklift_reply=$forklift_answered
    fi
  fi
  if [[ -z $forklift_type ]]; then
    forklift_type=Function.ExitStatus
    forklift_message="$forklift_function ended with status $forklift_result"
    ((forklift_result <= 128)) || forklift_message+=", as by signal $((forklift_result - 128))"
    forklift_failure "$forklift_type" "$forklift_message"
  fi
  forklift_send_error "$forklift_head" "$forklift_type"
}

forklift_serve() {
  forklift_send $'Forklift-Worker-Protocol: 1\r\n' ''
  while forklift_read_headers; do
    forklift_head="Lambda-Runtime-Aws-Request-Id: $forklift_id"$'\r\n'
    if forklift_read_body; then
      # A call sees every variable of its callers, so that no answer may still stand in one.
      forklift_output=
      forklift_output=$(forklift_call "$forklift_event")
      forklift_answer "$?" "$forklift_output"
    else
      forklift_trace=()
      forklift_failure Runtime.UnmarshalError "the event has a NUL byte, which bash cannot hold"
      forklift_send_error "$forklift_head" Runtime.UnmarshalError
    fi
  done
}

# For the trap on RETURN, which comes before the status of `source` is looked at: the shim runs
# without FILE's options, and calls FUNCTION with them.
forklift_loaded() {
  if ((${#BASH_SOURCE[@]} == 2)); then
    forklift_flags=$-
    forklift_set_aside
    set +aefkuvxET
  fi
}

# For the trap on EXIT while FILE is sourced.
forklift_ended_early() {
  forklift_status=$?
  forklift_clear
  [[ -z $forklift_ready ]] || return "$forklift_status"
  forklift_note_exit "$forklift_status"
  forklift_cannot_start Runtime.ImportModuleError \
    "$forklift_file ended the shell with status $forklift_status while it was loaded"
}

# forklift_check STATUS: whether there is a function to call now that FILE is sourced.
forklift_check() {
  local forklift_message forklift_extglob=() forklift_names=() forklift_name
  forklift_trace=()
  [[ -r $forklift_file ]] ||
    forklift_cannot_start Runtime.ImportModuleError "$forklift_file cannot be read"
  if (($1 != 0)); then
    # Either its last command failed, which is nobody's concern, or bash gave up on its syntax.
    ! shopt -q extglob || forklift_extglob=(-O extglob)
    forklift_message=$("$BASH" "${forklift_extglob[@]}" -n -- "$forklift_file" 2>&1) ||
      forklift_cannot_start Runtime.UserCodeSyntaxError "$forklift_message"
  fi
  declare -F -- "$forklift_function" >/dev/null && return
  while IFS=' ' read -r _ _ forklift_name; do
    [[ $forklift_name == forklift_* ]] || forklift_names+=("$forklift_name")
  done < <(declare -F)
  for forklift_name in "${forklift_words[@]}"; do
    [[ $'\n'$forklift_aside != *$'\n'"$forklift_name () "* ]] || forklift_names+=("$forklift_name")
  done
  for forklift_name in "${forklift_names[@]}"; do
    [[ $forklift_name != "$forklift_function" ]] || return 0
  done
  IFS=' '
  forklift_cannot_start Runtime.HandlerNotFound \
    "$forklift_file has no function $forklift_function; it has ${forklift_names[*]:-none at all}"
}

# What follows on FILE; in one function, because aliases of FILE's change what is read after it.
forklift_start() {
  [[ -n $forklift_flags ]] || forklift_loaded
  trap - RETURN
  forklift_check "$1"

  # Lengths and blocks are in bytes; FUNCTION gets its own locale back.
  forklift_locale='unset LC_ALL'
  [[ -z ${LC_ALL+set} ]] || printf -v forklift_locale 'LC_ALL=%q' "$LC_ALL"
  LC_ALL=C
  forklift_ready=1
  forklift_serve
}

forklift_ready=
forklift_flags=
forklift_has_head=$(type -P head)
trap forklift_ended_early EXIT
trap forklift_note ERR
trap forklift_loaded RETURN
# shellcheck source=/dev/null
source "$forklift_file"
forklift_start "$?"
