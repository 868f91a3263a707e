package tui

import (
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index/query"
)

// TestFrequency: all values of a field; what a line counts is what enter shows.
func TestFrequency(t *testing.T) {
	opt := small(t)
	d := newDriver(t, opt, 80, 24).press("F").sees("FREQUENCY of event   5 values in 300 events").sees("AssumeRole").sees("20.00%")
	d.press("s").sees("by value").press("s").sees("by count").press("/").typed("buck").sees("1 with buck").press("enter").lacks("AssumeRole")
	d.press("enter").sees("60 match").sees("event=ListBuckets").sees("[1 Events]").lacks("FREQUENCY").press("u").sees("300 events")
	d.press("l", "F").sees("FREQUENCY of user (who)").sees("alice").press("space", "j", "space").sees("[x] alice").sees("[x] bob-admin").sees("200 match")
	d.press("!").sees("100 match").press("u", "u", "u").sees("300 events").press("=").sees("100 match").sees("FREQUENCY").press("u", "esc").lacks("FREQUENCY")
	d.press("h", "h", "F").sees("times are counted in the Timeline").press("f", "j", "F").sees("FREQUENCY of event").press("F").lacks("FREQUENCY")
	d.press("esc", "enter", "/").typed("errorCode").press("enter", "F")
	if d.app.frequency.on {
		d.sees("FREQUENCY of error").press("esc")
	}
	d.press("/").typed("zzz").press("esc", "esc", "esc", "esc")
	if d.done || d.app.paneMode() != inEvents {
		t.Error("esc does not lead back to the list")
	}
}

// TestFrequencyCounts: each line is a door to exactly as many events as it says, also where there is no value and where
// an event has several.
func TestFrequencyCounts(t *testing.T) {
	for _, field := range []string{"event", "user", "error", "ip", "resource", "region"} {
		for i := range 4 {
			d := newDriver(t, small(t), 120, 40)
			d.app.frequency = frequencyPane{on: true, field: field}
			d.app.relayout()
			d.queue = append(d.queue, d.app.askFrequency())
			d.settle()
			p := &d.app.frequency
			if i >= len(p.rows) {
				break
			}
			p.To(i)
			want := p.rows[i]
			if d.press("enter"); d.app.events.N != want.count {
				t.Errorf("%s %q: %d events, the table says %d", field, want.value, d.app.events.N, want.count)
			}
			if d.app.frequency.on || !strings.Contains(d.app.node.String(), field) {
				t.Errorf("%s: the filter is %q", field, d.app.node)
			}
		}
	}
	d := newDriver(t, small(t), 80, 24).press("F")
	d.update(frequencyMsg{ask: d.app.frequency.ask - 1, data: facetData{field: "late"}})
	d.lacks("late")
	if got := notValue(query.All{}, "error", "", true, nil).String(); got != "error:*" {
		t.Errorf("without what has no value: %s", got)
	}
}
