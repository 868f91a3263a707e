package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// TestTimeline: bars, range, zoom, peaks and gaps; enter and ! write what the line before said they would keep.
func TestTimeline(t *testing.T) {
	d := newDriver(t, verified(t), 80, 24).press("2").sees("bars of 5 min").sees("peak 5 at 03-05 07:05").sees("░ missing or not proven")
	d.sees("at 03-05 12:00 .. 12:05   1 event   0 errors   1 principal").sees("enter keeps 1 ").sees("! keeps 299")
	d.press("h", "h").sees("at 03-05 11:50 .. 11:55   5 events").press("v", "h", "h").sees("selected 03-05 11:40 .. 11:55   15 events").sees("^=]")
	d.press("ctrl+u", "g", "h").sees("at"[:1]).sees("[").sees("selected 03-05 07:00 .. 11:55").press("esc").sees("at 03-05 07:00 .. 07:05")
	d.press("}").sees("at 03-05 07:50 .. 07:55").sees("3 principals   ░ (4 tells)").press("}").sees("nothing is missing after this")
	d.press("{").sees("nothing is missing before this").press("t").typed("09:12").press("enter").sees("at 03-05 09:10 .. 09:15")
	d.press("z").sees("zoomed").sees("at 03-05 09:1").press("Z").lacks("zoomed").press("z", "z", "z", "0").lacks("zoomed")
	d.press("z", "z", "esc").lacks("zoomed").sees("[2 Timeline]")
	d.press("g", "v", "l", "z").sees("zoomed").sees("bars of 10 s").press("0", "t").typed("08:01").press("enter", "v", "l", "l", "!")
	d.sees("-time:2026-03-05T08:00:00Z..2026-03-05T08:15:00Z").sees("285 match").sees("[2 Timeline]").press("u").sees("300 events")
	d.press("v", "l", "enter").sees("[1 Events]").sees("time:2026-03-05T08:").sees("10 match").press("u").sees("300 events")
	d.press("2", "esc").sees("[1 Events]").press("2", "t").typed("09:12").press("enter", "z", "z", "z", "h", "enter").sees("no event in this range")
	d.press("esc", "esc").sees("[1 Events]")
	if d.done {
		t.Error("esc quits")
	}
}

// TestTimelineKeeps: whatever is chosen, enter keeps as many events as it said.
func TestTimelineKeeps(t *testing.T) {
	opt := small(t)
	for i, keys := range []string{"2", "2 h", "2 g", "2 g v l l l", "2 h h h z", "2 h h h z z", "2 s s h h h v h h h h", "X 2 E", "W 2 g e", "2 g v G"} {
		d := newDriver(t, opt, 60+20*(i%4), 16+8*(i%4)).press(strings.Fields(keys)...)
		want, _, _ := d.app.timeline.sums(d.app.timeline.span())
		d.sees(fmt.Sprintf("enter keeps %d ", want)).press("enter")
		if got := d.app.events.N; got != want || want == 0 {
			t.Errorf("%s: enter shows %d events, not the %d it said", keys, got, want)
		}
	}
}

// TestTimelineSums: the bars and what has no time are the events of the filter, split or not, at every size.
func TestTimelineSums(t *testing.T) {
	opt := verified(t)
	for w := 60; w <= 200; w += 35 {
		for h := 16; h <= 60; h += 11 {
			d := newDriver(t, opt, w, h).press("2")
			fits(t, d, w, h)
			p := &d.app.timeline
			checkBars(t, p, 300)
			for range 2 {
				d.press("s")
				fits(t, d, w, h)
				checkBars(t, p, 300)
				sum := 0
				for _, r := range p.rows {
					for _, b := range r.bars {
						sum += b.Events
					}
				}
				if sum != 300 || len(p.rows) == 0 {
					t.Errorf("%dx%d: the %d rows have %d events", w, h, len(p.rows), sum)
				}
			}
		}
	}
}

func checkBars(t *testing.T, p *timelinePane, want int) {
	t.Helper()
	sum := p.chart.Untimed
	for _, b := range p.chart.Buckets {
		sum += b.Events
	}
	if sum != want || p.n() > p.barRoom() {
		t.Errorf("%d bars in room for %d have %d events, not %d", p.n(), p.barRoom(), sum, want)
	}
}

// TestTimelineSplit tells values apart by lines of their own.
func TestTimelineSplit(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("2", "s").sees("split by service").sees("3 services").sees("s3   180 events").sees("ec2   60 events")
	d.press("s").sees("alice   100 events").sees("bob-admin   100 events").press("s").sees("error █ ok")
	d = newDriver(t, small(t), 60, 16).press("2", "s").sees("s3   180 events").sees("all others   120 events")
	d.press("/").typed("service:sts").press("enter").sees("60 match").sees("1 service").sees("sts   60 events").lacks("all others")
	d.press("/", "ctrl+u").typed("user:nobody").press("enter").sees("no event with a time matches").press("enter", "e", "v", "z", "0", "l", "!", "u").sees("60 match")
}

// TestTimelineLate: answers to a question that is no longer asked are not shown.
func TestTimelineLate(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("2")
	p := &d.app.timeline
	before := p.chart.Bucket
	d.update(chartMsg{ask: p.ask - 1, chart: index.Timeline{Bucket: time.Hour}})
	if p.chart.Bucket != before {
		t.Error("a late answer is shown")
	}
	cmd := d.app.askChart()
	if cmd != nil {
		t.Error("the same bars are asked for again")
	}
	d.app.do(actZoomIn)
	first := p.ask
	d.app.do(actZoomIn)
	if p.ask != first+1 {
		t.Errorf("question %d follows %d", p.ask, first)
	}
	d.settle()
}

// TestTimelineFollows: another filter, undone or not, is seen in the bars; the cursor keeps its time.
func TestTimelineFollows(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("2", "h", "h", "h", "h").sees("at 03-05 11:40 .. 11:45   5 events")
	d.press("X").sees("[errors only]").sees("at 03-05 11:40").press("X", "W").sees("at 03-05 11:40 .. 11:45   1 event").press("W", "T")
	d.sees("at 03-05 12:40 .. 12:45   5 events").press("1", "j", "j", "enter", "esc", "2").sees("at 03-05 12:55 .. 13:00")
}

// TestBarCell: a bar is never without a trace of what failed in it, nor hidden by it.
func TestBarCell(t *testing.T) {
	th := newTheme(true, true, true)
	for _, f := range []struct {
		b    index.Bucket
		want string // from the lowest row up
	}{
		{index.Bucket{Events: 100}, "::::"},
		{index.Bucket{Events: 100, Errors: 1}, "#:::"},
		{index.Bucket{Events: 100, Errors: 50}, "##::"},
		{index.Bucket{Events: 100, Errors: 99}, "####"},
		{index.Bucket{Events: 100, Errors: 100}, "####"},
		{index.Bucket{Events: 1}, ".   "},
		{index.Bucket{Events: 1, Errors: 1}, "#   "},
		{index.Bucket{Events: 20, Errors: 1}, ":   "},
		{index.Bucket{Events: 50, Gap: true}, "::" + "//"},
		{index.Bucket{Events: 100, Gap: true}, ":::/"},
		{index.Bucket{Gap: true}, "////"},
		{index.Bucket{}, "    "},
	} {
		got := ""
		for row := range 4 {
			glyph, _ := th.barCell(&f.b, 100, 4, row)
			got += glyph
		}
		if got != f.want {
			t.Errorf("%+v is drawn %q, want %q", f.b, got, f.want)
		}
	}
}

// TestTicks: labels stand at round times of the zone they are shown in.
func TestTicks(t *testing.T) {
	from := time.Date(2026, 3, 5, 7, 0, 0, 0, time.UTC)
	for _, f := range []struct {
		bucket time.Duration
		bars   int
		zone   int // minutes
		want   string
	}{
		{5 * time.Minute, 60, 0, "07:00 08:00 09:00 10:00 11:00"},
		{5 * time.Minute, 60, 90, "09:00 10:00 11:00 12:00 13:00"},
		{30 * time.Minute, 60, 0, "12:00 18:00 03-06 06:00 12:00"},
		{6 * time.Hour, 60, 0, "03-06 03-08 03-10"},
		{24 * time.Hour, 70, 0, "03-16 03-30 04-13"},
		{time.Hour, 3, 20, "07:20"},
	} {
		from := from.Truncate(f.bucket)
		p := timelinePane{width: 80, height: 20, chart: index.Timeline{Bucket: f.bucket, From: from, To: from.Add(time.Duration(f.bars) * f.bucket)}}
		for i := range f.bars {
			p.chart.Buckets = append(p.chart.Buckets, index.Bucket{Start: from.Add(time.Duration(i) * f.bucket)})
		}
		got := strings.Join(strings.Fields(p.timesLine(time.FixedZone("", f.zone*60))), " ")
		if !strings.Contains(got, f.want) {
			t.Errorf("%v from 07:00, %d minutes east: %q, want %q", f.bucket, f.zone, got, f.want)
		}
	}
}
