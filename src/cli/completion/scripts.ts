export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * Each calls `millrace COMPLETE WORDS…`, the last of which is the word that is being typed, and gets a line
 * for each candidate: the word, a tab, and what it is. Where there is none, the shell completes files.
 */
export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: String.raw`
_millrace() {
  local IFS=$'\n' line
  COMPREPLY=()
  for line in $("$1" __complete "${'$'}{COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    COMPREPLY+=("${'$'}{line%%$'\t'*}")
  done
}
complete -o bashdefault -o default -F _millrace millrace
`,
  zsh: String.raw`
#compdef millrace
_millrace() {
  local line
  local -a found
  for line in "${'$'}{(@f)$("${'$'}{words[1]}" __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n "$line" ]] && found+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
  done
  if (( ${'$'}{#found} )); then _describe -V millrace found; else _files; fi
}
if [[ "$funcstack[1]" = _millrace ]]; then _millrace "$@"; else compdef _millrace millrace; fi
`,
  fish: String.raw`
function __millrace_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l found ($words[1] __complete $words[2..] "$current" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path "$current"
  end
end
complete -c millrace -f -a '(__millrace_complete)'
`,
};
