package source

import (
	"bytes"
	"strings"
	"time"
)

// Events outside these years have no usable time: AWS did not exist, or the text is nonsense that would stretch every
// timeline.
const (
	minYear = 1970
	maxYear = 2200
)

// Time is when the event happened: eventTime, or where a record has none the time its producer gave instead
// (TimeGuessed). It is in UTC. ok is false where there is no text, or one that is no time; a record with a bad eventTime
// is not given another time.
func (e *Event) Time() (t time.Time, ok bool) {
	return parseTime(e.leaves[e.timeLeaf()])
}

// guesses are the flags of what is not in the record as it should be.
func (e *Event) guesses() (f Flags) {
	if e.timeLeaf() != LeafEventTime {
		f |= TimeGuessed
	}
	if _, guessed, _ := e.ReadOnly(); guessed {
		f |= ReadOnlyGuessed
	}
	return f
}

// timeLeaf is where the event's time is read: eventTime, else @timestamp (Logstash), else the start of the window of an
// aggregated event.
func (e *Event) timeLeaf() Leaf {
	switch {
	case len(e.leaves[LeafEventTime]) > 0:
		return LeafEventTime
	case len(e.leaves[LeafTimestamp]) > 0:
		return LeafTimestamp
	case len(e.leaves[LeafWindowStart]) > 0:
		return LeafWindowStart
	}
	return LeafEventTime
}

// parseTime reads what CloudTrail and its exporters write for a time.
func parseTime(s []byte) (time.Time, bool) {
	// Fast path, all events as delivered: 2006-01-02T15:04:05Z.
	if len(s) == 20 && s[19] == 'Z' && s[10] == 'T' && s[4] == '-' && s[7] == '-' && s[13] == ':' && s[16] == ':' {
		year, month, day := 100*two(s, 0)+two(s, 2), two(s, 5), two(s, 8)
		hour, minute, second := two(s, 11), two(s, 14), two(s, 17)
		if year|month|day|hour|minute|second >= 0 && hour < 24 && minute < 60 && second < 60 {
			if days, ok := civilDays(year, month, day); ok {
				return time.Unix(days*86400+int64(hour*3600+minute*60+second), 0).UTC(), true
			}
			return time.Time{}, false
		}
	}
	return parseLenientTime(s)
}

// two is the number of the two digits at s[i:i+2], or a negative number below -10,000 so that sums with it stay negative.
func two(s []byte, i int) int {
	a, b := s[i]-'0', s[i+1]-'0'
	if a > 9 || b > 9 {
		return -1 << 20
	}
	return int(a)*10 + int(b)
}

// A timeText is a time being read from the left.
type timeText struct {
	rest []byte
	bad  bool
}

// parseLenientTime reads RFC 3339 and its neighbours, seen in the wild: a small t or z, a space or none between date and
// time, any number of decimals, an offset with or without colon, no zone at all (UTC), the basic form 20131102T010628Z.
func parseLenientTime(s []byte) (time.Time, bool) {
	p := timeText{rest: bytes.TrimSpace(s)}
	year := p.digits(4)
	dashed := p.take("-")
	month := p.digits(2)
	if dashed && !p.take("-") {
		return time.Time{}, false
	}
	day := p.digits(2)
	if !p.take("Tt") && !p.spaces() {
		return time.Time{}, false
	}
	p.spaces()
	hour := p.digits(2)
	colons := p.take(":")
	minute := p.digits(2)
	second, nanos := 0, 0
	if p.take(":") == colons && len(p.rest) > 0 && (colons || isDigit(p.rest[0])) {
		second = p.digits(2)
		nanos = p.decimals()
	}
	offset := p.zone()
	if p.bad || len(p.rest) > 0 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	days, ok := civilDays(year, month, day)
	if !ok {
		return time.Time{}, false
	}
	seconds := days*86400 + int64(hour*3600+minute*60+second-offset)
	t := time.Unix(seconds, int64(nanos)).UTC()
	return t, t.Year() >= minYear && t.Year() <= maxYear
}

// digits takes exactly n digits.
func (p *timeText) digits(n int) int {
	v := 0
	for range n {
		if len(p.rest) == 0 || !isDigit(p.rest[0]) {
			p.bad = true
			return 0
		}
		v, p.rest = v*10+int(p.rest[0]-'0'), p.rest[1:]
	}
	return v
}

// take takes one byte if it is one of set.
func (p *timeText) take(set string) bool {
	if len(p.rest) == 0 || strings.IndexByte(set, p.rest[0]) < 0 {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// spaces takes any number of spaces.
func (p *timeText) spaces() bool {
	n := len(p.rest)
	p.rest = bytes.TrimLeft(p.rest, " ")
	return len(p.rest) < n
}

// decimals takes a fraction of a second, if there is one, as nanoseconds; what is finer is cut off.
func (p *timeText) decimals() int {
	if !p.take(".,") {
		return 0
	}
	nanos, unit, n := 0, int(time.Second), len(p.rest)
	for len(p.rest) > 0 && isDigit(p.rest[0]) {
		unit /= 10
		nanos += int(p.rest[0]-'0') * unit
		p.rest = p.rest[1:]
	}
	p.bad = p.bad || len(p.rest) == n
	return nanos
}

// zone takes Z, UTC, an offset or nothing, as seconds east of UTC.
func (p *timeText) zone() int {
	p.spaces()
	if len(p.rest) == 0 || p.take("Zz") {
		return 0
	}
	if bytes.EqualFold(p.rest, []byte("UTC")) || bytes.EqualFold(p.rest, []byte("GMT")) {
		p.rest = nil
		return 0
	}
	sign := 1
	if p.take("-") {
		sign = -1
	} else if !p.take("+") {
		p.bad = true
		return 0
	}
	hour, minute := p.digits(2), 0
	if p.take(":") || len(p.rest) > 0 {
		minute = p.digits(2)
	}
	p.bad = p.bad || hour > 24 || minute > 59
	return sign * (hour*3600 + minute*60)
}

// civilDays is the number of days from 1970-01-01 to a date of the Gregorian calendar; ok is false where there is no
// such date or its year is not a usable one. (Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
// days_from_civil.)
func civilDays(year, month, day int) (days int64, ok bool) {
	if year < minYear || year > maxYear || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	if month <= 2 {
		year--
		month += 12
	}
	era, yearOfEra := year/400, year%400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468), true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// compactTime reads the times of file names: 20060102T1504Z and 20060102T150405Z.
func compactTime(s string) (time.Time, bool) {
	if len(s) < 14 || s[8] != 'T' || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	day, ok := digitsDate(s[:4], s[4:6], s[6:8])
	hour, minute, second := number(s[9:11]), number(s[11:13]), 0
	if len(s) == 16 {
		second = number(s[13:15])
	} else if len(s) != 14 {
		return time.Time{}, false
	}
	if !ok || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, false
	}
	return day.Add(time.Duration(hour*3600+minute*60+second) * time.Second), true
}

// digitsDate is midnight UTC of a date given in digits; ok is false where it is none.
func digitsDate(year, month, day string) (time.Time, bool) {
	days, ok := civilDays(number(year), number(month), number(day))
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(days*86400, 0).UTC(), true
}

// number is the value of a text of digits alone, else -1.
func number(s string) int {
	v := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return -1
		}
		v = v*10 + int(s[i]-'0')
	}
	return v
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
