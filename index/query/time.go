package query

import (
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a time as a person writes it, as the span of its last unit, half-open: "2026-07-01" is that day,
// "2026-07-01T10:00Z" that minute. Also "15:04" (today), "now", "-2h", "7d" (= "-7d"), "end", "end-2h"; those are
// instants, whose span is one nanosecond. Times without an offset are in opt.Location.
func ParseTime(text string, opt Options) (start, end time.Time, err error) {
	if isClock(text) {
		day := opt.Now.In(opt.location()).Format(time.DateOnly)
		start, end, err = parseDate(day+"T"+text, opt.location())
	} else if len(text) >= 4 && isDigits(text[:4]) && strings.Contains(text, "-") {
		start, end, err = parseDate(text, opt.location())
	} else {
		start, err = parseRelative(text, opt)
		end = start.Add(time.Nanosecond)
	}
	if err == nil && (start.Year() < 1 || end.Year() > 9999 || start.IsZero()) {
		err = &Error{End: len(text), Msg: "a time out of range: " + text}
	}
	return start.UTC(), end.UTC(), err
}

const timeHint = "times are 2026-07-01, 2026-07-01T10:00Z, 15:04 (today), -2h, 7d, now, end-2h"

func (o Options) location() *time.Location {
	if o.Location == nil {
		return time.UTC
	}
	return o.Location
}

// isClock tells 15:04 and 15:04:05.
func isClock(text string) bool {
	return len(text) >= 4 && len(text) <= 8 && strings.Contains(text, ":") && !strings.ContainsAny(text, "-TtZz+")
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" && text != "" }

// A layout is a way to write a time, with the unit its last digit stands for.
type layout struct {
	form string
	unit time.Duration
}

var layouts = [...]layout{
	{"2006-01-02T15:04", time.Minute},
	{"2006-01-02T15:04:05", time.Second}, // Parse takes a fraction too
}

func parseDate(text string, loc *time.Location) (start, end time.Time, err error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, loc); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	text = strings.ToUpper(text)
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, l := range layouts {
		t, err := time.ParseInLocation(l.form, text, loc)
		if err != nil {
			t, err = time.Parse(l.form+"Z07:00", text)
		}
		if err == nil {
			return t, t.Add(fractionUnit(text, l.unit)), nil
		}
	}
	return start, end, &Error{End: len(text), Msg: "not a time: " + text, Hint: timeHint}
}

// fractionUnit is the unit of the last digit of a fraction, else the given one.
func fractionUnit(text string, unit time.Duration) time.Duration {
	i := strings.IndexAny(text, ".,")
	if i < 0 {
		return unit
	}
	for i++; i < len(text) && text[i] >= '0' && text[i] <= '9' && unit > 1; i++ {
		unit /= 10
	}
	return unit
}

// parseRelative reads now, end, -2h, 7d, now-2h and end-2h.
func parseRelative(text string, opt Options) (time.Time, error) {
	bad := &Error{End: len(text), Msg: "not a time: " + text, Hint: timeHint}
	base, rest := opt.Now, text
	switch {
	case hasWord(text, "now"):
		rest = text[len("now"):]
	case hasWord(text, "end"):
		rest = text[len("end"):]
		if base = opt.End; base.IsZero() {
			return base, &Error{End: len(text), Msg: "end is not known: no events are held", Hint: timeHint}
		}
	case text == "":
		return base, bad
	}
	if rest == "" {
		return base, nil
	}
	if len(rest) < len(text) && rest[0] != '-' {
		return base, bad
	}
	back, ok := parseDuration(strings.TrimPrefix(rest, "-"))
	if !ok {
		return base, bad
	}
	return base.Add(-back), nil
}

// hasWord tells whether a text begins with a word, whatever its case, and no letter follows.
func hasWord(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) && (len(text) == len(word) || text[len(word)] == '-')
}

// parseDuration reads 90s, 15m, 2h, 7d, 1w and sums such as 1d12h; at most 100 years.
func parseDuration(text string) (time.Duration, bool) {
	const most = 100 * 366 * 24 * time.Hour
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	var sum time.Duration
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		if digits == 0 || digits > 10 || digits == len(text) {
			return 0, false
		}
		n, err := strconv.ParseInt(text[:digits], 10, 64)
		unit := units[text[digits]|0x20]
		if err != nil || unit == 0 || n > int64((most-sum)/unit) {
			return 0, false
		}
		sum += time.Duration(n) * unit
		text = text[digits+1:]
	}
	return sum, true
}

// isRelative tells a time that is said from now or from the end.
func isRelative(text string) bool {
	_, err := parseRelative(text, Options{Now: time.Unix(0, 0), End: time.Unix(0, 0)})
	return err == nil
}

// recordTime reads a time out of a record, for ranges on paths.
func recordTime(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02T15:04") || len(text) > 40 {
		return time.Time{}, false
	}
	t, _, err := parseDate(text, time.UTC)
	return t, err == nil
}
