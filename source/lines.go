package source

import "bytes"

// Limits of what may stand before a record in a line.
const (
	timestampMax = 40
	streamMax    = 512 // a log stream's name
	// lineAhead is how much of a line is looked at.
	lineAhead = timestampMax + streamMax + 2
)

// lineHead goes over the time, and perhaps the log stream, that an export task and aws logs tail put before each record
// of a line. A line with something else behind them is passed over. It is false where no such line stands at w.from.
func (d *Decoder) lineHead() bool {
	w := &d.impl.window
	w.ahead(lineAhead)
	length, record := recordBehind(w.text[w.from:min(w.n, w.from+lineAhead)])
	if length == 0 {
		return false
	}
	if record {
		w.from += length
		return true
	}
	d.impl.event.Span.Offset = w.offset(w.from)
	d.notEvent("log line that is no CloudTrail record")
	for {
		if i := bytes.IndexByte(w.text[w.from:w.n], '\n'); i >= 0 {
			w.from += i + 1
			return true
		}
		w.from = w.n
		if !w.more() {
			return true
		}
	}
}

// recordBehind is the length of the time and the log stream that line begins with, and whether a record may stand behind
// them. It is 0 where line begins with no time.
func recordBehind(line []byte) (length int, record bool) {
	length = bytes.IndexByte(line[:min(len(line), timestampMax)], ' ')
	if length < 0 || !isTimestamp(line[:length]) {
		return 0, false
	}
	length++
	if length < len(line) && line[length] == '{' {
		return length, true
	}
	stream := bytes.IndexAny(line[length:], " \n")
	if next := length + stream + 1; stream > 0 && next < len(line) && line[next-1] == ' ' && line[next] == '{' {
		return next, true
	}
	return length, false
}

// isTimestamp tells a time as CloudWatch Logs writes it: 2026-01-02T03:04:05.678Z, or with an offset.
func isTimestamp(s []byte) bool {
	return len(s) >= 20 && s[4] == '-' && s[7] == '-' && s[10] == 'T' && s[13] == ':' && s[16] == ':'
}
