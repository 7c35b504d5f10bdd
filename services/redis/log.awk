# Turn Redis' log into one JSON line per event. A line of Redis: "1:M 21 Nov 2026 06:33:01.123 * Ready to accept".
BEGIN {
  level["."] = "debug"; level["-"] = "debug"; level["*"] = "info"; level["#"] = "warning"
  split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
  for (number in names) month[names[number]] = sprintf("%02d", number)
  for (code = 1; code < 32; code++) escape[sprintf("%c", code)] = sprintf("\\u%04x", code)
}

$1 ~ /^[0-9]+:[A-Z]$/ && $3 in month && $6 in level {
  pid = $1; sub(/:.*/, "", pid)
  text = $0; sub(/^([^ ]+ +){6}/, "", text)
  write(sprintf("%s-%s-%02dT%sZ", $4, month[$3], $2, $5), level[$6], text, pid)
  next
}

# Redis writes no time when it dies by a fault or notes a signal; the entrypoint writes none either.
NF { write(strftime("%Y-%m-%dT%H:%M:%S.000Z", systime(), 1), /FATAL|[Ee]rror/ ? "error" : "info", $0, 1) }

function write(ts, level, event, pid) {
  printf "{\"ts\": \"%s\", \"level\": \"%s\", \"logger\": \"redis\", \"event\": \"%s\", \"pid\": %d}\n", ts, level, quote(event), pid
  fflush()
}

function quote(text,    character) {
  gsub(/\\/, "\\\\", text)
  gsub(/"/, "\\\"", text)
  if (text ~ /[\001-\037]/) for (character in escape) gsub(character, "\\" escape[character], text)
  return text
}
