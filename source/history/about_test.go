package history_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// shortKeys are keys without what all of them begin and end with.
func shortKeys(files []source.File) (keys []string) {
	for _, f := range files {
		keys = append(keys, strings.TrimSuffix(f.Key[strings.LastIndexByte(f.Key, '/')+1:], ".json.gz"))
	}
	return keys
}

func named(n int, at time.Time, name string) sourcetest.HistoryEvent {
	id := event(n, at).ID
	return sourcetest.HistoryEvent{ID: id, Time: at, Record: fmt.Sprintf(`{"eventID":%q,"eventName":%q}`, id, name)}
}

// What is asked with an attribute comes in the largest windows, under keys of its own.
func TestAttributeWindows(t *testing.T) {
	a := sourcetest.NewAWS(t)
	var want []string
	for n := range 80 * 24 {
		name := "ListBuckets"
		if n%100 == 7 {
			name = "DeleteTrail"
			want = append(want, event(n, now).ID)
		}
		a.Remember("us-east-1", named(n, now.Add(-time.Duration(n)*time.Hour), name))
	}
	opt := options()
	opt.Attribute = history.Attribute{Key: history.EventName, Value: "DeleteTrail"}
	h := open(a, time.Time{}, time.Time{}, opt, "us-east-1")
	keys := shortKeys(sourcetest.List(t, h))
	if first, last := keys[0], keys[len(keys)-1]; first != "20261120T0000Z_P1D_EventName=DeleteTrail" || last != "20260822T0000Z_P1D_EventName=DeleteTrail" ||
		!slices.Contains(keys, "20260901T0000Z_P1M_EventName=DeleteTrail") || len(keys) != 20+2+10 {
		t.Errorf("%d windows from %s to %s", len(keys), first, last)
	}
	got := read(t, h)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, r := range a.Requests() {
		if r.Key != "EventName=DeleteTrail" {
			t.Errorf("asked for %q", r.Key)
		}
	}
}

// Windows asked with an attribute never stand for whole ones, and are not asked for where whole ones are held.
func TestAttributeWindowsAndWholeOnes(t *testing.T) {
	a := sourcetest.NewAWS(t)
	attribute, whole := options(), options()
	attribute.Attribute = history.Attribute{Key: history.Username, Value: "a/b c_d=é"}
	from := now.AddDate(0, 0, -10)
	held := func(files []source.File) func(context.Context) map[string]bool {
		keys := map[string]bool{}
		for _, f := range files {
			if !f.Volatile {
				keys[f.Key] = true
			}
		}
		return func(context.Context) map[string]bool { return keys }
	}
	asked := sourcetest.List(t, open(a, from, now, attribute, "us-east-1"))
	if key := asked[0].Key; !strings.HasSuffix(key, "/20261120T0000Z_P1D_Username=a%2Fb%20c_d=%C3%A9.json.gz") {
		t.Errorf("key %s", key)
	}
	all := sourcetest.List(t, open(a, from, now, whole, "us-east-1"))
	whole.Held = held(asked)
	if diff := cmp.Diff(all, sourcetest.List(t, open(a, from, now, whole, "us-east-1"))); diff != "" {
		t.Errorf("with windows of an attribute held (-want +got):\n%s", diff)
	}
	attribute.Held = held(all)
	if diff := cmp.Diff([]string{"20261120T0000Z_P1D_Username=a%2Fb%20c_d=%C3%A9"},
		shortKeys(sourcetest.List(t, open(a, from, now, attribute, "us-east-1")))); diff != "" {
		t.Errorf("with whole windows held (-want +got):\n%s", diff)
	}
	attribute.Held = held(asked)
	again := open(a, from, now, attribute, "us-east-1")
	if n := len(sourcetest.List(t, again)); n != len(asked) {
		t.Errorf("%d windows, then %d", len(asked), n)
	}
	attribute.Attribute = history.Attribute{Key: history.EventSource, Value: "s3.amazonaws.com"}
	keys := shortKeys(sourcetest.List(t, open(a, from, now, attribute, "us-east-1")))
	if keys[0] != "20261120T1300Z_PT15M_EventSource=s3.amazonaws.com" || len(keys) != len(all) {
		t.Errorf("a service is asked in %d windows, the first is %s", len(keys), keys[0])
	}
	for _, f := range append(asked, all...) {
		if _, err := sourcetest.Read(t.Context(), again, f); err != nil {
			t.Errorf("%s: %v", f.Key, err)
		}
	}
}

// Insights come in the largest windows, and are asked for after what is newer.
func TestInsightWindows(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 60 {
		e := event(n, now.AddDate(0, 0, -n))
		e.Insight = n%2 == 0
		a.Remember("us-east-1", e)
	}
	opt := options()
	opt.NoInsight, opt.NoManagement = false, true
	h := open(a, time.Time{}, time.Time{}, opt, "us-east-1")
	keys := shortKeys(sourcetest.List(t, h))
	if len(keys) != 20+2+10 || keys[0] != "20261120T0000Z_P1D_insight" || keys[20] != "20261001T0000Z_P1M_insight" {
		t.Errorf("windows %q", keys)
	}
	if got := read(t, h); len(got) != 30 {
		t.Errorf("%d of 30 Insights", len(got))
	}
	opt.NoManagement = false
	both := open(a, time.Time{}, time.Time{}, opt, "us-east-1")
	keys = shortKeys(sourcetest.List(t, both))
	if i := slices.Index(keys, "20261120T0000Z_P1D_insight"); i < 0 || keys[0] != "20261120T1300Z_PT15M" || keys[i-1] != "20261119T2300Z_PT1H" {
		t.Errorf("Insights of today are window %d of %d", i, len(keys))
	}
	if got := read(t, both); len(got) != 60 {
		t.Errorf("%d of 60 events", len(got))
	}
	opt.NoManagement, opt.NoInsight = true, true
	if keys := shortKeys(sourcetest.List(t, open(a, time.Time{}, time.Time{}, opt, "us-east-1"))); len(keys) > 0 {
		t.Errorf("neither category, and %q", keys)
	}
}

func TestRefusedInsightsAreANote(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.Remember("us-east-1", event(1, now.Add(-time.Minute)))
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Key == "insight" {
			return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "InvalidEventCategoryException", Message: "The event category is not valid."}
		}
		return nil
	})
	opt := options()
	opt.NoInsight = false
	h := open(a, now.AddDate(0, 0, -40), time.Time{}, opt, "us-east-1")
	if got := read(t, h); len(got) != 1 {
		t.Errorf("%d events", len(got))
	}
	want := "Insight events of us-east-1 are not given: "
	if notes := h.Notes(); len(notes) != 1 || !strings.HasPrefix(notes[0], want) {
		t.Errorf("notes %q, want one: %s…", notes, want)
	}
}

// Days of a Region that is known to be busy are hours: what is read of a window shows when it is whole.
func TestBusyRegionsHaveSmallWindows(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 60 {
		a.Remember("us-east-1", event(n, now.Add(-time.Duration(n)*10*time.Second))) // 8,640 a day
		a.Remember("eu-west-1", event(n, now.Add(-time.Duration(n)*time.Minute)))    // 1,440 a day
		a.Remember("eu-west-2", event(n, now.Add(-time.Duration(n)*time.Second/4).Truncate(time.Second)))
	}
	from, to := now.AddDate(0, 0, -5).Truncate(24*time.Hour), now
	count := map[string]int{}
	for _, f := range sourcetest.List(t, open(a, from, to, options(), "us-east-1", "eu-west-1", "eu-west-2")) {
		if strings.Contains(f.Key, "/2026/11/16/") {
			count[strings.Split(f.Key, "/")[2]+f.Key[strings.LastIndexByte(f.Key, '_'):]]++
		}
	}
	want := map[string]int{"us-east-1_PT1H.json.gz": 24, "eu-west-1_P1D.json.gz": 1, "eu-west-2_PT15M.json.gz": 96}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("windows of a day (-want +got):\n%s", diff)
	}
}
