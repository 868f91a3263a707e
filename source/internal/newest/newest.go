// Package newest tells from names alone how new log files may be, so that a place can be listed newest first without
// walking it whole: CloudTrail puts the delivery day into folders (YYYY/MM/DD) and the minute into file names.
package newest

import "time"

// FolderSpan is the span of time [from, to) that the end of a slash-separated folder path names: "…/2026" a year,
// "…/2026/11" a month, "…/2026/11/20" a day, in UTC. A slash at the end makes no difference. ok is false where the path
// ends in something else.
func FolderSpan(path string) (from, to time.Time, ok bool) {
	if n := len(path); n > 0 && path[n-1] == '/' {
		path = path[:n-1]
	}
	rest, last := cutLast(path)
	if y, ok := year(last); ok {
		from = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(1, 0, 0), true
	}
	tail, ok := number(last, 2)
	if !ok {
		return time.Time{}, time.Time{}, false
	}
	above, last := cutLast(rest)
	if y, ok := year(last); ok && 1 <= tail && tail <= 12 {
		from = time.Date(y, time.Month(tail), 1, 0, 0, 0, 0, time.UTC)
		return from, from.AddDate(0, 1, 0), true
	}
	month, ok := number(last, 2)
	_, last = cutLast(above)
	y, okYear := year(last)
	if !ok || !okYear || month < 1 || month > 12 || tail < 1 || tail > 31 {
		return time.Time{}, time.Time{}, false
	}
	from = time.Date(y, time.Month(month), tail, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 0, 1), true
}

// NameTime is the time in a file name, "…20261120T1305Z…" or "…20261120T130510Z…", the first there is.
func NameTime(name string) (time.Time, bool) {
	for i := 0; i+14 <= len(name); i++ {
		if name[i+8] != 'T' || i > 0 && digit(name[i-1]) {
			continue
		}
		day, ok := number(name[i:i+8], 8)
		if !ok {
			continue
		}
		clock, sec, ok := clockAt(name[i+9:])
		year, month, dom := day/10000, day/100%100, day%100
		if !ok || year < 1990 || month < 1 || month > 12 || dom < 1 || dom > 31 {
			continue
		}
		return time.Date(year, time.Month(month), dom, clock/100, clock%100, sec, 0, time.UTC), true
	}
	return time.Time{}, false
}

// clockAt reads "HHMMZ" or "HHMMSSZ".
func clockAt(s string) (hhmm, sec int, ok bool) {
	hhmm, ok = number(s[:4], 4)
	if !ok || hhmm/100 > 23 || hhmm%100 > 59 {
		return 0, 0, false
	}
	if s[4] == 'Z' {
		return hhmm, 0, true
	}
	if len(s) < 7 || s[6] != 'Z' {
		return 0, 0, false
	}
	sec, ok = number(s[4:6], 2)
	return hhmm, sec, ok && sec < 60
}

func cutLast(path string) (before, last string) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i], path[i+1:]
		}
	}
	return "", path
}

// year accepts 1990 to 2199: other numbers of four digits are no years of logs.
func year(s string) (int, bool) {
	y, ok := number(s, 4)
	return y, ok && 1990 <= y && y < 2200
}

func number(s string, digits int) (int, bool) {
	if len(s) != digits {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !digit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
