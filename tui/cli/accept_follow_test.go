//go:build unix

package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// A stream is a command that goes on, whose lines are read as they come.
type stream struct {
	t   *testing.T
	cmd *exec.Cmd

	mu          sync.Mutex
	out, stderr []string
	done        chan struct{}
}

// follow starts a command that looks every 100 ms.
func (h *home) follow(t *testing.T, args ...string) *stream {
	t.Helper()
	s := &stream{t: t, cmd: h.with("TRAILSIFT_TEST_FOLLOW=100ms").command(args...), done: make(chan struct{})}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	read := func(r io.Reader, into *[]string) {
		for sc := bufio.NewScanner(r); sc.Scan(); {
			s.mu.Lock()
			*into = append(*into, sc.Text())
			s.mu.Unlock()
		}
	}
	reading.Go(func() { read(out, &s.out) })
	reading.Go(func() { read(stderr, &s.stderr) })
	go func() { reading.Wait(); close(s.done) }()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		<-s.done
		_ = s.cmd.Wait()
	})
	return s
}

// said are the lines of standard output and standard error so far.
func (s *stream) said() (out, stderr []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.out), slices.Clone(s.stderr)
}

func (s *stream) until(what string, done func(out, stderr []string) bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		out, stderr := s.said()
		if done(out, stderr) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s:\n%s\n%s", what, strings.Join(out, "\n"), strings.Join(stderr, "\n"))
		}
	}
}

// stop ends it as ctrl+c does and gives the exit code.
func (s *stream) stop() int {
	s.t.Helper()
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-s.done:
	case <-time.After(patience):
		s.t.Fatal("it does not end")
	}
	_ = s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// today plants a log file of n records delivered now, and gives the records.
func today(a *sourcetest.AWS, file, first, n int) (planted []string) {
	now := time.Now().UTC()
	for i := range n {
		planted = append(planted, record(first+i, "dave", "DeleteTrail", "192.0.2.3"))
	}
	a.Put("trail", fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/%s/111122223333_CloudTrail_us-east-1_%s_%016d.json.gz",
		now.Format("2006/01/02"), now.Format("20060102T1504Z"), file), sourcetest.S3Object{Body: container(planted...)})
	return planted
}

// TestSearchFollowsABucket: what is held is printed oldest first, then what arrives, each event once, also where a copy
// comes in another log file later; only the newest day folders are listed, and others read the store meanwhile.
func TestSearchFollowsABucket(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	first := today(a, 1, 5000, 2)
	s := h.follow(t, "search", "--follow", "--in", "s3://trail", "event:DeleteTrail", "--format", "jsonl")
	s.until("what is held is never printed", func(out, _ []string) bool { return len(out) == 2 })
	a.Forget()
	second := today(a, 2, 5002, 3)
	s.until("what arrives is never printed", func(out, _ []string) bool { return len(out) == 5 })
	if n := h.must(t, "search", "--count", "event:DeleteTrail"); n != "5\n" {
		t.Errorf("beside it a search counts %s", n)
	}
	today(a, 3, 5001, 2) // copies of what was printed, with a key of their own
	last := today(a, 4, 5005, 1)
	s.until("what arrives last is never printed", func(out, _ []string) bool { return len(out) >= 6 })
	time.Sleep(300 * time.Millisecond)
	if code := s.stop(); code != 130 {
		t.Errorf("exit code %d after an interrupt", code)
	}
	out, _ := s.said()
	want := slices.Concat(first, second, last)
	if strings.Join(out, "\n") != strings.Join(want, "\n") {
		t.Errorf("printed\n%s\nwant\n%s", strings.Join(out, "\n"), strings.Join(want, "\n"))
	}
	day, before := time.Now().UTC().Format("/2006/01/02/"), time.Now().UTC().AddDate(0, 0, -1).Format("/2006/01/02/")
	days, others := 0, 0
	for _, r := range a.Requests() {
		switch {
		case r.Op != "ListObjectsV2":
		case strings.HasSuffix(r.Key, day), strings.HasSuffix(r.Key, before):
			days++
		default:
			others++
		}
	}
	if days < 2 || others > 10 { // the first look alone descends from the root
		t.Errorf("following listed %d day folders of today and yesterday, and %d others", days, others)
	}
	h.must(t, "index", "check")
}

// TestSyncFollowsATrail: a trail is followed in its bucket, under its own identity; a log file that cannot be read is
// named and not asked for at each look.
func TestSyncFollowsATrail(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	a.AddTrail(sourcetest.NewTrail("main", "us-east-1", "trail", time.Now()))
	s := h.follow(t, "sync", "--follow", "trail:main")
	s.until("the summary is never printed", func(out, _ []string) bool {
		return len(out) > 0 && strings.Contains(out[0], "1,000 events new")
	})
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "GetObject" && strings.Contains(r.Key, "_0000000000000009.") {
			return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}
		}
		return nil
	})
	a.Forget()
	today(a, 9, 6000, 1)
	today(a, 2, 6001, 2)
	s.until("what arrives is never told", func(_, stderr []string) bool {
		return slices.ContainsFunc(stderr, func(l string) bool { return strings.Contains(l, "2 new events, 2 since following began") })
	})
	looks := func() int { return asked(a)["ListObjectsV2"] }
	for before := looks(); looks() < before+4; { // some more looks
		time.Sleep(50 * time.Millisecond)
	}
	if n := asked(a)["GetObject"]; n != 2 {
		t.Errorf("%d GetObject for two new log files, one of them refused", n)
	}
	if n := h.must(t, "search", "--count"); n != "1002\n" {
		t.Errorf("beside it a search counts %s", n)
	}
	s.stop()
	if out := h.must(t, "index", "list", "--format", "json"); !strings.Contains(out, `"places":["trail:main"]`) {
		t.Errorf("another place came into the store: %s", out)
	}
}

// TestSearchFollowsHistory: Event history is followed, too; the store used last is followed where no place is named.
func TestSearchFollowsHistory(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	remember := func(i int, ago time.Duration) string {
		r := record(i, "erin", "StopLogging", "192.0.2.4")
		a.Remember("us-east-1", sourcetest.HistoryEvent{
			ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Time: time.Now().Add(-ago).Truncate(time.Second), Record: r,
		})
		return r
	}
	first := remember(7000, time.Minute)
	h.must(t, "sync", "history:us-east-1", "--from", "-1h", "--lookup-rate", "1000", "--quiet")
	s := h.follow(t, "search", "--follow", "event:StopLogging", "--format", "jsonl", "--lookup-rate", "1000")
	s.until("what is held is never printed", func(out, _ []string) bool { return len(out) == 1 })
	second := remember(7001, 2*time.Second)
	s.until("what arrives is never printed", func(out, _ []string) bool { return len(out) == 2 })
	third := remember(7002, time.Second)
	s.until("what arrives then is never printed", func(out, _ []string) bool { return len(out) == 3 })
	s.stop()
	if out, _ := s.said(); strings.Join(out, "\n") != strings.Join([]string{first, second, third}, "\n") {
		t.Errorf("printed %q", out)
	}
}

// TestSyncFollowsAFolder: new log files of a folder come in; one line says so; a closed pipe ends it quietly.
func TestSyncFollowsAFolder(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 100)
	s := h.follow(t, "sync", "--follow", "logs")
	s.until("the summary is never printed", func(out, _ []string) bool { return len(out) > 0 && strings.Contains(out[0], "100 events new") })
	h.file(t, "logs/new.json", `{"Records":[`+record(9000, "alice", "GetUser", "192.0.2.1")+`]}`)
	s.until("what arrives is never told", func(_, stderr []string) bool {
		return slices.ContainsFunc(stderr, func(l string) bool { return strings.Contains(l, "1 new event, 1 since following began") })
	})
	if n := h.must(t, "search", "--count"); n != "101\n" {
		t.Errorf("beside it a search counts %s", n)
	}
	if code := s.stop(); code != 130 {
		t.Errorf("exit code %d after an interrupt", code)
	}
}

// TestPanesFollow: the row in use does not move when events arrive; they are counted, g goes there, and the status line
// says when it last looked.
func TestPanesFollow(t *testing.T) {
	t.Parallel()
	a, h := bucketOf(t)
	p := h.with("TRAILSIFT_TEST_FOLLOW=100ms").screen(t, 120, 40, "s3://trail", "--follow")
	p.wait(`following, looked [0-9:]{8}`)
	p.keys("g", "j", "j", "j")
	p.settle()
	row := func() string {
		for _, l := range p.lines() {
			if strings.Contains(l, ">") && strings.Contains(l, "GetUser") {
				return l[strings.Index(l, ">"):]
			}
		}
		return ""
	}
	before := row()
	today(a, 1, 5_000_000, 3) // minutes after all others
	p.wait(`\+3 newer \(g\)`)
	p.wait(`following, 3 new, looked [0-9:]{8}`)
	if after := row(); before == "" || after != before {
		t.Errorf("the row in use was %q and is %q", before, after)
	}
	p.keys("g")
	p.wait(`>.*DeleteTrail`)
	p.keys("5", "L")
	p.wait(`no longer following`)
	p.quit()
}

// TestFollowRefuses what makes no sense.
func TestFollowRefuses(t *testing.T) {
	u := newUser(t)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"search", "--follow", "--format", "json"}, "json is one document"},
		{[]string{"search", "--follow", "--count"}, "does not go with"},
		{[]string{"search", "--follow", "--offline"}, "has to look"},
		{[]string{"sync", "demo", "--follow", "--quiet"}, "nothing new will ever arrive"},
	} {
		if got := u.run(c.args...); got.code != 2 || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%q: exit code %d, %s", c.args, got.code, got.stderr)
		}
	}
}
