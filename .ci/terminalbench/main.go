// Command terminalbench is what .ci/terminal measures with: it runs trailsift in a pseudo-terminal behind an emulator, as
// a person at the other end of a line has it, and prints a table of figures beside what is asked of them.
//
//	terminalbench -program FILE -store STORE [-idle 60s] [-archive DIR]
//
// Times hold the machine's noise; bytes do not.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// bench is one run.
type bench struct {
	program, store, archive string
	idle                    time.Duration
	keys                    int
}

func main() {
	var b bench
	flag.StringVar(&b.program, "program", "", "trailsift")
	flag.StringVar(&b.store, "store", "", "store to open")
	flag.StringVar(&b.archive, "archive", "", "folder to bring in, to see what that writes; none: left out")
	flag.DurationVar(&b.idle, "idle", time.Minute, "how long to watch it do nothing")
	flag.IntVar(&b.keys, "keys", 40, "keys of each kind")
	flag.Parse()
	for _, part := range []func(*bench) error{
		(*bench).starting, (*bench).bytes, (*bench).keysInTime, (*bench).filter, (*bench).bigSteps, (*bench).floods, (*bench).nothing, (*bench).bringingIn,
	} {
		if err := part(&b); err != nil {
			fmt.Fprintln(os.Stderr, "terminalbench:", err)
			os.Exit(1)
		}
	}
}

// row prints one line of the table.
func row(number, what, bar, measured string, args ...any) {
	fmt.Printf("| %s | %s | %s | %s |\n", number, what, bar, fmt.Sprintf(measured, args...))
}

// list opens the store at a size and waits for its rows to be all there.
func (b *bench) list(w, h int) (*screen, error) {
	s, err := open(w, h, b.program, "--index", b.store, "--no-state", "--offline")
	if err != nil {
		return nil, err
	}
	if _, err := s.wait(s.start, `\d events`); err != nil {
		return nil, err
	}
	s.quiet(time.Second)
	return s, nil
}

const rowsThere = `\d\d:\d\d:\d\d [A-Z][A-Za-z]+`

func (b *bench) starting() error {
	for _, size := range [][3]int{{80, 24, 3}, {160, 45, 10}} {
		var firsts, seen []time.Duration
		painted := 0
		for range 5 {
			s, err := open(size[0], size[1], b.program, "--index", b.store, "--no-state", "--offline")
			if err != nil {
				return err
			}
			there, err := s.wait(s.start, rowsThere)
			if err != nil {
				return err
			}
			s.quiet(time.Second)
			w := s.written()
			for _, p := range w {
				if p.bytes > 200 { // the questions to the terminal come before the picture
					firsts = append(firsts, p.at.Sub(s.start))
					break
				}
			}
			seen = append(seen, there)
			painted = max(painted, total(w))
			s.leave()
		}
		at := fmt.Sprintf("%dx%d", size[0], size[1])
		row("12", "first paint, "+at, "100 ms", "%s (median of 5)", ms(percentile(firsts, 50)))
		row("12", "first rows, "+at, "300 ms", "%s (median of 5)", ms(percentile(seen, 50)))
		row("3", "bytes until the first screen is whole, "+at, fmt.Sprintf("%d kB", size[2]), "%d B", painted)
	}
	return nil
}

func (b *bench) bytes() error {
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		s, err := b.list(size[0], size[1])
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%dx%d", size[0], size[1])
		s.press("j")
		moves := pick(s.run(7, "j"), burst)
		row("3", "bytes of a cursor move, "+at, "64 B", "p50 %d, most %d", percentile(moves, 50), percentile(moves, 100))
		if size[0] == 160 {
			s.press("\\") // the list alone
		}
		s.press("G")
		s.press("g")
		s.run(size[1]-8, "j")
		scrolls := pick(s.run(10, "j"), burst)
		row("3", "bytes of a scroll by one line, list alone, "+at, "256 B", "p50 %d, most %d", percentile(scrolls, 50), percentile(scrolls, 100))
		if size[0] == 160 {
			s.press("\\")
			s.press("g")
			began := s.reset()
			for i := range 30 {
				time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / 30)))
				s.keys("j")
			}
			s.quiet(calm)
			row("3", "bytes of a second of j held down, all panes, "+at, "3 kB", "%d B", total(s.written()))
		}
		s.press("2")
		s.press("h")
		bars := append(pick(s.run(8, "h"), burst), pick(s.run(8, "l"), burst)...)
		row("3", "bytes of a step in the Timeline, "+at, "64 B", "p50 %d, most %d", percentile(bars, 50), percentile(bars, 100))
		s.leave()
	}
	return nil
}

func (b *bench) keysInTime() error {
	s, err := b.list(160, 45)
	if err != nil {
		return err
	}
	defer s.leave()
	s.press("j")
	all := s.run(4*b.keys, "j", "j", "k", "l", "h", "j")
	row("1", "key to first byte", "p95 16 ms", "p50 %s, p95 %s", ms(percentile(pick(all, first), 50)), ms(percentile(pick(all, first), 95)))
	b.step("cursor", all)
	b.step("half page", s.run(b.keys, "\x04", "\x04", "\x15"))
	b.step("end and beginning (G, g)", s.run(b.keys, "G", "g"))
	s.press("g")
	s.press("f")
	b.step("facet cursor", s.run(b.keys/2, "j"))
	s.press("g")
	s.press("j") // the first value of the first field
	b.step("facet toggle", s.run(b.keys/2, " "))
	s.press("\x1b")
	return nil
}

// step prints how long a kind of key takes to rows and to a settled screen.
func (b *bench) step(what string, steps []step) {
	r, t := pick(steps, rows), pick(steps, settled)
	row("ten million", what, "rows 50 ms, settled 150 ms (p95)", "rows p50 %s p95 %s, settled p50 %s p95 %s",
		ms(percentile(r, 50)), ms(percentile(r, 95)), ms(percentile(t, 50)), ms(percentile(t, 95)))
}

func (b *bench) filter() error {
	s, err := b.list(160, 45)
	if err != nil {
		return err
	}
	defer s.leave()
	var all []step
	for _, text := range []string{"user:bob-admin", "event:PutObject", "error:*", "ip:198.51.100.10", "service:iam -readonly:true"} {
		s.press("/")
		s.press("\x15") // nothing in the line
		for _, c := range text {
			all = append(all, s.press(string(c)))
		}
		s.press("\r")
		s.press("u")
	}
	var echo, found, exact []time.Duration
	for _, st := range all {
		echo = append(echo, st.first)
		exact = append(exact, st.settled)
		found = append(found, st.rows)
	}
	row("2", "filter: echo of a key", "p95 16 ms", "p50 %s, p95 %s", ms(percentile(echo, 50)), ms(percentile(echo, 95)))
	row("2", "filter: first rows after a key", "p95 50 ms", "p50 %s, p95 %s", ms(percentile(found, 50)), ms(percentile(found, 95)))
	row("2", "filter: exact count, all settled", "p95 250 ms", "p50 %s, p95 %s", ms(percentile(exact, 50)), ms(percentile(exact, 95)))
	return nil
}

func (b *bench) bigSteps() error {
	s, err := b.list(160, 45)
	if err != nil {
		return err
	}
	defer s.leave()
	var times []step
	for _, t := range []string{"end-1d", "end-3d", "end-5h", "end-9d", "end-2d"} {
		s.press("t")
		for _, c := range t {
			s.keys(string(c))
		}
		s.quiet(calm)
		times = append(times, s.press("\r"))
	}
	b.step("go to time", times)
	s.press("2")
	s.run(3, "h")
	s.press("v")
	var ranges []step
	ranges = append(ranges, s.run(b.keys/2, "h")...)
	b.step("range select in the Timeline", ranges)
	s.press("\x1b")
	s.press("1")
	var sizes []step
	for _, size := range [][2]int{{80, 24}, {160, 45}, {120, 40}, {200, 60}, {160, 45}} {
		began := s.reset()
		s.resize(size[0], size[1])
		s.quiet(calm)
		sizes = append(sizes, step{}.of(s.written(), began))
	}
	row("5", "resize to a whole screen", "", "settled p50 %s, most %s", ms(percentile(pick(sizes, settled), 50)), ms(percentile(pick(sizes, settled), 100)))
	row("15", "memory beside the store after this", "64 MB at 10 M", "%.0f MB", s.memory())
	return nil
}

func (b *bench) floods() error {
	s, err := b.list(160, 45)
	if err != nil {
		return err
	}
	s.press("\x1bOQ") // F2: the mouse
	began := time.Now()
	for i := range 500 {
		time.Sleep(time.Until(began.Add(time.Duration(i) * 500 * time.Microsecond)))
		s.keys("\x1b[<65;80;20M")
	}
	at := time.Now()
	s.keys("?")
	took, err := s.wait(at, "HELP")
	if err != nil {
		return err
	}
	row("15", "key after 500 wheel events in 250 ms", "50 ms", "%s", ms(took))
	row("11", "SIGTERM to the end", "300 ms", "%s", ms(s.leave()))
	return nil
}

func (b *bench) nothing() error {
	s, err := b.list(160, 45)
	if err != nil {
		return err
	}
	defer s.leave()
	s.quiet(2 * time.Second)
	s.reset()
	before := s.cpu()
	time.Sleep(b.idle)
	used := s.cpu() - before
	row("4", fmt.Sprintf("bytes while nothing happens for %s", b.idle), "0 B", "%d B", total(s.written()))
	row("4", "processor while nothing happens", "1 % of a core", "%.2f %%", 100*used.Seconds()/b.idle.Seconds())
	return nil
}

func (b *bench) bringingIn() error {
	if b.archive == "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "terminalbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := open(160, 45, b.program, b.archive, "--index", filepath.Join(dir, "new.db"), "--no-state", "--offline", "--max-bytes", "0")
	if err != nil {
		return err
	}
	defer s.leave()
	if _, err := s.wait(s.start, `bringing in`); err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond)
	began := s.reset()
	for strings.Contains(s.text(), "bringing in") && time.Since(began) < 20*time.Second {
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(began)
	w := s.written()
	frames := 0
	var last time.Time
	for _, p := range w {
		if p.at.Sub(last) > frame {
			frames++
		}
		last = p.at
	}
	row("4", "repaints while bringing in", "2 a second", "%.1f a second", float64(frames)/took.Seconds())
	row("4", "bytes while bringing in", "400 B/s", "%.0f B/s", float64(total(w))/took.Seconds())
	return nil
}
