package tui

import (
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/sys/unix"

	"github.com/trailsift/trailsift/index"
)

// BenchmarkKeys is a script of 1,000 keys at 160x45, over the store that TRAILSIFT_TERMINAL_STORE names or a small one. It
// reports how much processor time Update and View together take for a key: what keeps the next one waiting. Time that other
// programs have on the processor is not counted.
func BenchmarkKeys(b *testing.B) {
	var x *index.Index
	if path := os.Getenv("TRAILSIFT_TERMINAL_STORE"); path != "" {
		var err error
		if x, err = index.Open(path, index.Options{}); err != nil {
			b.Fatal(err)
		}
		defer x.Close()
	} else {
		x = openIndexAt(b, b.TempDir(), ordinary(300))
	}
	script := []string{"j", "j", "ctrl+d", "k", "l", "h", "G", "g", "tab", "j", "shift+tab", "space", "u", "2", "h", "l", "v", "h", "esc", "1", "pgdn", "i", "i", "enter", "j", "esc"}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		d := &driver{app: newApp(b.Context(), Options{Index: x})}
		d.app.after = func(_ time.Duration, msg tea.Msg) tea.Cmd { return func() tea.Msg { return waitMsg{msg} } }
		d.app.send = func(tea.Msg) {}
		d.update(tea.WindowSizeMsg{Width: 160, Height: 45})
		d.queue = append(d.queue, d.app.Init())
		d.quietly()
		var took []time.Duration
		for i := range 1000 {
			began := threadTime(b)
			d.update(keyMsg(script[i%len(script)]))
			took = append(took, threadTime(b)-began)
			d.quietly()
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[989].Microseconds())/1000, "ms-p99")
		b.ReportMetric(float64(took[499].Microseconds())/1000, "ms-p50")
	}
}

// threadTime is the processor time of this thread.
func threadTime(b *testing.B) time.Duration {
	b.Helper()
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
