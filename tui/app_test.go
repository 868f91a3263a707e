package tui

import (
	"errors"
	"testing"

	"github.com/trailsift/trailsift/index"
)

func small(t *testing.T) Options {
	t.Helper()
	return Options{Index: openIndex(t, ordinary(300)), Places: "./logs", In: []string{"./logs"}}
}

func TestEventsList(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.sees("300 events").sees("03-05 12:00:00 PutObject").sees("1/300")
	d.press("j", "j").sees("3/300").sees(">  03-05 11:58:00"[:2])
	d.press("G").sees("300/300").sees("03-05 07:01:00")
	d.press("g").sees("1/300").sees("03-05 12:00:00")
	d.press("T").sees("03-05 13:00:00")
	if d.press("esc", "esc", "esc"); d.done {
		t.Error("esc quits")
	}
	if d.press("q"); !d.done {
		t.Error("q at the root does not quit")
	}
}

func TestFilterLive(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("/").typed("user:alice").sees("100 match").sees("/ user:alice")
	d.typed(" event:").sees("/ user:alice event:").sees("column").sees("100 match")
	d.typed("PutO*").sees("20 match")
	d.press("esc").sees("300 events")
	d.press("/").typed("user:al").press("enter").sees("0 match").sees("no event matches").sees("user:bob*").press("u")
	d.press("/").typed("user:alice").press("enter").sees("100 match")
	d.press("/").sees("/ user:alice").typed(" event:ListBuckets").press("enter").sees("20 match")
	d.press("u").sees("100 match").press("u").sees("300 events")
	d.press("ctrl+r").sees("100 match").press("ctrl+r").sees("20 match")
	d.press("[").sees("100 match").press("]").sees("20 match")
}

func TestFilterCompletion(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("/").typed("user:").sees("alice").sees("100")
	d.typed("bo").sees("bob-admin").press("tab").sees("/ user:bob-admin").sees("100 match")
	d.press("ctrl+u").typed("event:PutObject user:al").sees("no match yet").sees("03-05 12:00:00 PutObject")
	d.typed("ice").sees("20 match").press("ctrl+u").typed("user:bob-admin")
	d.press("enter", "/", "ctrl+u").typed("ev").sees("event")
	d.press("esc", "/", "ctrl+u").press("ctrl+r").sees("user:bob-admin")
}

func TestKeepAndDrop(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("=").sees("/ event=PutObject").sees("60 match")
	d.press("u").sees("300 events")
	d.press("!").sees("/ event!=PutObject").sees("240 match")
	d.press("u", "l", "=").sees("/ user=").sees("100 match")
	d.press("u", "h", "h", "=").sees("time:").sees("1 match")
	d.press("u", "W").sees("[writes only]").sees("60 match").press("W").sees("300 events")
	d.press("X").sees("[errors only]").press("X").sees("300 events")
}

func TestSelectionSurvives(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("j", "j", "j", "j", "j")
	ref := d.app.events.Selected().Ref
	d.press("=")
	if got := d.app.events.Selected().Ref; got != ref {
		t.Errorf("after = the cursor is on %v, not on %v", got, ref)
	}
	d.press("u")
	if got := d.app.events.Selected().Ref; got != ref {
		t.Errorf("after u the cursor is on %v, not on %v", got, ref)
	}
	at := d.app.events.Selected().Time
	d.press("!")
	if got := d.app.events.Selected().Time; got.Sub(at).Abs() > 2*60e9 {
		t.Errorf("the event is gone and the cursor is at %v, far from %v", got, at)
	}
}

func TestDetail(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("enter").sees("EVENT PutObject").sees("userIdentity").sees("record 10").sees("integrity not checked").sees("SHA-256")
	d.sees("eventVersion").press("/").typed("session").sees("hits").press("enter").sees("‹sessionToken, 22 chars›")
	d.press("esc", "g", "/").typed("amount").press("enter").sees("299.50").press("=").sees("requestParameters.amount=299.50")
	d.press("u").sees("EVENT PutObject")
	d.press("esc").sees("EVENT").press("esc").sees("300 events")
}

func TestDetailKeepsFields(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("enter", "/").typed("sourceIP").press("enter", "=", "esc", "esc").sees("/ ip=203.0.113.12")
	d.press("u", "enter", "/").typed("eventSource").press("enter", "=", "esc", "esc").sees("/ service=s3")
	d.press("u", "enter", "/").typed("policy").press("enter", "l", "l", "=", "esc", "esc").sees(`"2012-10-17"`)
}

func TestNextEventFromDetail(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("enter").sees("PutObject").press("J").sees("EVENT ListBuckets").press("K").sees("EVENT PutObject")
	d.press("e").sees("denied")
}

func TestErrors(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("e")
	first := d.app.events.Cursor
	if !failed(d.app.events.Selected()) {
		t.Fatalf("e goes to row %d, which did not fail", first)
	}
	d.press("e")
	if got := d.app.events.Cursor; got != first+7 {
		t.Errorf("e goes from %d to %d, want %d", first, got, first+7)
	}
	d.press("E", "E")
	if d.app.events.Cursor != first {
		t.Errorf("E goes to %d", d.app.events.Cursor)
	}
	d.sees("no event that did not succeed further up")
}

func TestFacets(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("f").sees("FACETS of 300").sees("v event").sees("5 values").sees("AssumeRole").sees("60")
	d.press("j").sees("=: event=AssumeRole keeps 60   !: event!=AssumeRole keeps 240")
	d.press("=").sees("/ event=AssumeRole").sees("60 match").sees("[x] AssumeRole")
	d.press("j").sees("space: on the list keeps 120").press("space").sees("120 match").sees("event=(")
	d.press("space").sees("60 match").press("esc").sees("/ event=AssumeRole")
}

func TestFacetMissing(t *testing.T) {
	d := newDriver(t, small(t), 160, 45)
	d.press("f", "/").typed("denied").sees("FACETS with denied").sees("AccessDenied").press("enter", "esc")
	for range 40 {
		if l, _ := d.app.facets.current(); l.kind == facetMissing {
			break
		}
		d.press("j")
	}
	d.sees("=: -error:* keeps 257").press("=").sees("/ -error:*").sees("257 match")
}

func TestGoToTime(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	f := func(s, want string) {
		t.Helper()
		d.press("t").typed(s).press("enter")
		if got := d.app.events.Selected().Time.Format("15:04"); got != want {
			t.Errorf("t %s goes to %s, want %s", s, got, want)
		}
	}
	f("10:30", "10:30")
	f("-1h", "09:30")
	f("2026-03-05T11:00Z", "11:00")
	f("03-05", "12:00")
	f("2026-03-04", "07:01")
	d.press("t").typed("tomorrow-ish").press("enter").sees("no time: tomorrow-ish")
	d.press(":").typed("123").press("enter").sees("123/300")
}

func TestHelpRuns(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("?").sees("HELP").sees("edit the filter").typed("writes").sees("writes only").press("enter").sees("[writes only]")
	d.press("?").typed("clear all").sees("not now: no event is marked").press("esc")
	d.press(":").typed("where").press("enter").sees("index ")
	if d.press(":").typed("quit").press("enter"); !d.done {
		t.Error(":quit does not quit")
	}
}

func TestMarks(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("space", "space").sees("marked 2").press("u").sees("marked 1").press("ctrl+\\").lacks("marked").press("u").sees("marked 1")
}

func TestCopy(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	f := func(want string, keys ...string) {
		t.Helper()
		d.out = nil
		d.press(keys...)
		if len(d.out) != 1 || d.out[0] != want {
			t.Errorf("%v copies %q, want %q", keys, d.out, want)
		}
		d.sees("OSC 52")
	}
	f("PutObject", "c")
	f("PutObject", "y", "v")
	f("00000000-0000-4000-8000-000000000299", "y", "i")
	f("arn:aws:iam::111122223333:user/alice", "y", "a")
	d.press("=")
	f("event=PutObject", "y", "q")
	f("trailsift search --in ./logs -- event=PutObject", "y", "c")
	d.press("enter", "/").typed("sessionT").press("enter")
	f("‹sessionToken, 22 chars›", "c")
	f("$.responseElements.credentials.sessionToken", "y", "p")
	d.press("y", "y").sees("contains 1 session token")
}

func TestSources(t *testing.T) {
	files := ordinary(100)
	files["AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/broken.json"] = []byte(`{"Records":[{"eventName":"Cut`)
	d := newDriver(t, Options{Index: openIndex(t, files), Places: "./logs"}, 80, 24)
	d.press("5").sees("PLACES  ./logs").sees("100 events").sees("held").sees("SHA-256").sees("FILES  [all 11]  problems 1  held 10")
	d.press("X").sees("broken.json").sees("[problems 1]").press("X").sees("[all 11]").press("l", "l").lacks("broken.json").press("h", "h")
	d.press("/").typed("00009").press("enter").sees("(1 with 00009)").press("enter").sees("10 match").sees("[1 Events]")
}

func TestUnbuilt(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("3").sees("Findings are not built").press("4").sees("was ever held against a digest")
	d.press("-").sees("[3 Findings]").press("1").sees("300 events").press("[").sees("[3 Findings]")
}

// TestAnchor checks that events coming in leave the row under the cursor where it is on screen.
func TestAnchor(t *testing.T) {
	files := ordinary(600)
	old, late := memory{}, memory{}
	for k, v := range files {
		if k[len(k)-10:len(k)-5] < "00300" {
			old[k] = v
		} else {
			late[k] = v
		}
	}
	x := openIndex(t, old)
	d := newDriver(t, Options{Index: x}, 80, 24)
	d.press("j", "j", "j")
	before, row := d.app.events.Selected(), d.app.events.Row()
	if _, err := x.Ingest(t.Context(), late, index.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	d.update(progressMsg{index.Progress{Listed: 60, Done: 60, Generation: x.Generation()}})
	d.update(progressMsg{index.Progress{Listed: 60, Done: 60, Generation: x.Generation()}})
	d.settle()
	if now := d.app.events.Selected(); now.Ref != before.Ref || d.app.events.Row() != row {
		t.Errorf("the cursor was on %v in row %d and is on %v in row %d", before.Time, row, now.Time, d.app.events.Row())
	}
	d.sees("+300 newer (g)").sees("304/600").press("g").lacks("newer").sees("1/600")
}

// TestLateAnswers checks that an answer of an older search is never shown.
func TestLateAnswers(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("/")
	d.update(keyMsg("a"))
	late := d.queue
	d.queue = nil
	d.typed("lice").sees("100 match")
	d.queue = late
	d.settle()
	d.sees("100 match").sees("/ alice")
	d.update(searchMsg{gen: d.app.search.gen - 1, err: errors.New("late")})
	d.sees("100 match")
}
