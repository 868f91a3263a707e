package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
)

func eventAt(text string) *source.Event {
	var e source.Event
	e.SetText(source.LeafEventTime, []byte(text))
	return &e
}

func TestTimeReadsWhatIsWritten(t *testing.T) {
	f := func(text string, want time.Time) {
		t.Helper()
		got, ok := eventAt(text).Time()
		if !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("Time() of %q = %v, %v, want %v", text, got, ok, want)
		}
	}
	at := utc(2026, 1, 2, 3, 4, 5)
	f("2026-01-02T03:04:05Z", at)
	f("2026-01-02T03:04:05z", at)
	f("2026-01-02t03:04:05z", at)
	f("2026-01-02 03:04:05", at)
	f("2026-01-02 03:04:05Z", at)
	f("2026-01-02  03:04:05 UTC", at)
	f(" 2026-01-02T03:04:05Z\n", at)
	f("20260102T030405Z", at)
	f("20260102T0304Z", at.Add(-5*time.Second))
	f("2026-01-02T03:04Z", at.Add(-5*time.Second))
	f("2026-01-02T03:04:05", at)
	f("2026-01-02T03:04:05.000000000", at)
	f("2026-01-02T03:04:05.25Z", at.Add(250*time.Millisecond))
	f("2026-01-02T03:04:05.1234567899999Z", at.Add(123456789))
	f("2026-01-02T03:04:05.5+05:30", at.Add(500*time.Millisecond-5*time.Hour-30*time.Minute))
	f("2026-01-02T03:04:05-0800", at.Add(8*time.Hour))
	f("2026-01-02T03:04:05+01", at.Add(-time.Hour))
	f("2024-02-29T00:00:00Z", utc(2024, 2, 29, 0, 0, 0))
	f("2000-02-29T23:59:59Z", utc(2000, 2, 29, 23, 59, 59))
	f("1970-01-01T00:00:00Z", utc(1970, 1, 1, 0, 0, 0))
	f("2200-12-31T23:59:59Z", utc(2200, 12, 31, 23, 59, 59))
	f("2016-12-31T23:59:60Z", utc(2017, 1, 1, 0, 0, 0))
}

func TestTimeRefusesWhatIsNone(t *testing.T) {
	for _, text := range []string{
		"", "...", "redacted", "ThisIsAWrongEventTime", "0000-00-00T00:00:00Z", "2026-01-02", "1767323045",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
		"2026-01-02T03:04:05Zjunk", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+", "2026-01-02T03:04:05+1",
		"2026-01-02T03:04:05+0100x", "202-01-02T03:04:05Z", "2026-01-02T03:0405Z", "2026-0102T03:04:05Z",
		"1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
		"2200-12-31T23:59:59-01:00", "1970-01-01T00:00:00+01:00", "２０２６-01-02T03:04:05Z", "2026-0a-02T03:04:05Z",
	} {
		if got, ok := eventAt(text).Time(); ok {
			t.Errorf("Time() of %q = %v, want none", text, got)
		}
	}
}

func TestTimeFallsBackWhereItIsMissing(t *testing.T) {
	f := func(times string, want time.Time, wantGuessed bool) {
		t.Helper()
		decodeOne(t, `{"eventVersion":"1.08","eventID":"0f8fad5b-d9cb-469f-a165-70867728950e"`+times+`}`, func(e *source.Event) {
			got, ok := e.Time()
			if !got.Equal(want) || ok == want.IsZero() || (e.Flags&source.TimeGuessed != 0) != wantGuessed {
				t.Errorf("times %s give %v, %v, flags %b", times, got, ok, e.Flags)
			}
		})
	}
	const logstash, window = `,"@timestamp":"2026-01-02T00:00:00.000Z"`, `,"timeWindow":{"windowStart":"2026-01-03 00:00:00"}`
	f(`,"eventTime":"2026-01-01T00:00:00Z"`+logstash+window, utc(2026, 1, 1, 0, 0, 0), false)
	f(logstash+window, utc(2026, 1, 2, 0, 0, 0), true)
	f(`,"eventTime":null`+window, utc(2026, 1, 3, 0, 0, 0), true)
	f(`,"eventTime":"","x":1`+window, utc(2026, 1, 3, 0, 0, 0), true)
	f(``, time.Time{}, false)
	f(`,"eventTime":"nonsense"`+logstash, time.Time{}, false)
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"2026-01-02T03:04:05Z", "2024-02-29T23:59:59.999999999+23:59", "20131102T010628Z", "2026-01-02 03:04", "1970-01-01T00:00:00-00:01",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := eventAt(text).Time()
		if ok && (got.Year() < 1970 || got.Year() > 2200) {
			t.Errorf("Time() of %q = %v, outside the usable years", text, got)
		}
		want, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || want.UTC().Year() < 1970 || want.UTC().Year() > 2200 {
			return
		}
		// time.Parse also takes an hour of one digit and an offset of 60 minutes (go.dev/issue/54580).
		if text[12] == ':' || strings.HasSuffix(text, ":60") {
			return
		}
		if !ok || !got.Equal(want) {
			t.Errorf("Time() of %q = %v, %v, want %v", text, got, ok, want.UTC())
		}
	})
}

func BenchmarkTime(b *testing.B) {
	e := eventAt("2026-01-02T03:04:05Z")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := e.Time(); !ok {
			b.Fatal("no time")
		}
	}
}
