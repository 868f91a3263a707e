//go:build linux

package cli_test

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A hostile is what lies in a folder beside good files.
type hostile struct {
	name string
	// make writes it, and gives what to do when all is over.
	make func(t *testing.T, folder string) (done func())
	// events that come in beside the good ones; code of the command.
	events, code int
	// named are files with the reason that a problem gives.
	named map[string]string
	// ignored is how many files are passed over as something else.
	ignored int
	// read bounds the bytes that the process reads, 0 for 64 MB.
	read int64
}

// hostileMemory bounds the anonymous memory of a process that brings any of it in.
const hostileMemory = 256 << 20

// long is n where TRAILSIFT_LONG asks for all of it, else less.
func long(n, less int) int {
	if os.Getenv("TRAILSIFT_LONG") != "" {
		return n
	}
	return less
}

func plainRecord(i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"Hostile",`+
		`"eventID":"%08x-1111-4111-8111-111111111111"}`, i)
}

// fill writes a file from parts; a number repeats the part before it so many times.
func fill(t *testing.T, w io.Writer, parts ...any) {
	t.Helper()
	for i, part := range parts {
		text, ok := part.(string)
		if !ok {
			text = parts[i-1].(string)
		}
		n := 1
		if times, ok := part.(int); ok {
			n = times - 1
		}
		for range n {
			if _, err := io.WriteString(w, text); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func file(parts ...any) func(t *testing.T, folder string) func() {
	return func(t *testing.T, folder string) func() {
		t.Helper()
		f, err := os.Create(filepath.Join(folder, "bad"))
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriter(f)
		fill(t, w, parts...)
		if err := errors.Join(w.Flush(), f.Close()); err != nil {
			t.Fatal(err)
		}
		return func() {}
	}
}

// packedFile writes through something that compresses.
func packedFile(pack func(w io.Writer) io.WriteCloser, parts ...any) func(t *testing.T, folder string) func() {
	return func(t *testing.T, folder string) func() {
		t.Helper()
		var b bytes.Buffer
		w := pack(&b)
		fill(t, w, parts...)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return file(b.String())(t, folder)
	}
}

func inGz(w io.Writer) io.WriteCloser {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is one
	}
	return z
}

func inZst(w io.Writer) io.WriteCloser {
	z, err := zstd.NewWriter(w)
	if err != nil {
		panic(err) // its options are fixed
	}
	return z
}

// hostileFiles are single files.
func hostileFiles() []hostile {
	mb := strings.Repeat(" ", 1<<20)
	const deep, tooLarge = "nested deeper than 1,000 levels", "larger than 16 MB"
	records := func(n int) hostile {
		h := hostile{name: strconv.Itoa(n) + " records in one file", events: n, read: int64(n)*200*4 + 64<<20}
		h.make = func(t *testing.T, folder string) func() {
			t.Helper()
			f, err := os.Create(filepath.Join(folder, "many.json"))
			if err != nil {
				t.Fatal(err)
			}
			w := bufio.NewWriter(f)
			fill(t, w, `{"Records":[`+plainRecord(0))
			for i := 1; i < n; i++ {
				fill(t, w, ","+plainRecord(i))
			}
			fill(t, w, "]}")
			if err := errors.Join(w.Flush(), f.Close()); err != nil {
				t.Fatal(err)
			}
			return func() {}
		}
		return h
	}
	bomb := map[string]string{"bad": "inflates to more than 200 times its size"}
	return []hostile{
		{name: "gzip bomb", make: packedFile(inGz, `{"Records":[`+plainRecord(1)+mb, mb, 100, "]}"), events: 1, code: 3, named: bomb},
		{name: "zstd bomb", make: packedFile(inZst, `{"Records":[`+plainRecord(1)+mb, mb, 100, "]}"), events: 1, code: 3, named: bomb},
		{name: "gzip bomb in gzip", make: packedFile(func(w io.Writer) io.WriteCloser { return newTwice(w) }, mb, 100), code: 3, named: bomb},
		{name: "arrays 10^6 deep", make: file(plainRecord(1)+"\n", "[", 1_000_000, "]", 1_000_000, "\n"+plainRecord(2)), events: 2, code: 3, named: map[string]string{"bad": deep}},
		{
			name: "objects 10^6 deep in a record", make: file(plainRecord(1)+"\n"+`{"eventName":"D","eventTime":"t","x":`, `{"a":`, 1_000_000, "0", "}", 1_000_001, "\n"+plainRecord(2)),
			events: 2, code: 3, named: map[string]string{"bad": deep},
		},
		{
			name: "a record of 100 MB", make: file(`{"Records":[`+plainRecord(1)+`,{"eventName":"L","eventTime":"t","x":"`, strings.Repeat("x", 1<<20), 100, `"},`+plainRecord(2)+"]}"),
			events: 2, code: 3, named: map[string]string{"bad": tooLarge}, read: 256 << 20,
		},
		{name: "30 MB of zeros", make: file(strings.Repeat("\x00", 1<<20), 30), code: 3, named: map[string]string{"bad": "not valid JSON at byte 0"}, read: 256 << 20},
		records(long(1_000_000, 20_000)),
	}
}

// twice compresses what is compressed.
type twice struct{ inner, outer io.WriteCloser }

func newTwice(w io.Writer) io.WriteCloser {
	outer := inGz(w)
	return &twice{inGz(outer), outer}
}

func (z *twice) Write(p []byte) (int, error) { return z.inner.Write(p) }

func (z *twice) Close() error { return errors.Join(z.inner.Close(), z.outer.Close()) }

// hostileArchives are archives; each holds a good log file, too.
func hostileArchives() []hostile {
	inZip := func(add func(t *testing.T, w *zip.Writer)) func(t *testing.T, folder string) func() {
		return func(t *testing.T, folder string) func() {
			t.Helper()
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			member(t, w, "good.json", plainRecord(1))
			add(t, w)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			return file(b.String())(t, folder)
		}
	}
	n := long(1_000_000, 5_000)
	return []hostile{
		{
			name: "zip bomb", make: inZip(func(t *testing.T, w *zip.Writer) { t.Helper(); member(t, w, "bomb", strings.Repeat("\x00", 100<<20)) }),
			events: 1, code: 3, named: map[string]string{"bad/bomb": "inflates to more than 200 times its size"},
		},
		{
			name: "archives in archives", ignored: 2, events: 1,
			make: inZip(func(t *testing.T, w *zip.Writer) {
				t.Helper()
				var inner bytes.Buffer
				z := zip.NewWriter(&inner)
				member(t, z, "x.json", plainRecord(2))
				if err := z.Close(); err != nil {
					t.Fatal(err)
				}
				member(t, w, "inner.zip", inner.String())
				member(t, w, "inner.json", string(packed(t, map[string][]byte{"AWSLogs/x.json.gz": gzipped(t, plainRecord(3))})["logs.tgz"]))
			}),
		},
		{
			name: strconv.Itoa(n) + " members", events: n + 1, read: int64(n)*20_000 + 64<<20,
			make: inZip(func(t *testing.T, w *zip.Writer) {
				t.Helper()
				for i := range n {
					member(t, w, fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/%d.json", i), plainRecord(i+2))
				}
			}),
		},
		{
			name: "names and links that lead out", events: 1, code: 3, ignored: 2, make: leadOut,
			named: map[string]string{"bad/../up.json": "leads out of the archive", "bad//etc/passwd.json": "is an absolute path"},
		},
	}
}

func member(t *testing.T, w *zip.Writer, name, content string) {
	t.Helper()
	m, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(m, content)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func gzipped(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fill(t, w, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func leadOut(t *testing.T, folder string) func() {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Name: "../up.json", Size: 2},
		{Name: "/etc/passwd.json", Size: 2},
		{Name: "passwd.json", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "hard.json", Typeflag: tar.TypeLink, Linkname: "../../g1.json"},
		{Name: "good.json", Size: int64(len(plainRecord(1)))},
	} {
		err := w.WriteHeader(&h)
		if err == nil && h.Size > 0 {
			_, err = io.WriteString(w, plainRecord(1)[:h.Size])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file(b.String())(t, folder)
}

// hostileFolders are what a file system may hold.
func hostileFolders() []hostile {
	n := long(1_000_000, 3_000)
	return []hostile{
		{
			name: "loops and links", code: 3, ignored: 2, named: map[string]string{"nowhere": "link that leads nowhere", "self": "link that cannot be followed"},
			make: func(t *testing.T, folder string) func() {
				t.Helper()
				for name, target := range map[string]string{
					"loop": ".", "deep/loop": "..", "up": filepath.Dir(folder), "self": "self", "nowhere": "none", "zero": "/dev/zero", "again": "g1.json",
				} {
					path := filepath.Join(folder, name)
					if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
						t.Fatal(err)
					}
					if err := os.Symlink(target, path); err != nil {
						t.Fatal(err)
					}
				}
				return func() {}
			},
		},
		{name: "pipes and sockets", ignored: 2, make: pipes},
		{name: strconv.Itoa(n) + " files in one folder", events: n, read: int64(n)*60_000 + 64<<20, make: func(t *testing.T, folder string) func() {
			t.Helper()
			for i := range n {
				if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("x%07d.json", i)), []byte(plainRecord(i)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			return func() {}
		}},
		{name: "a file of a terabyte of holes", events: 1, code: 3, named: map[string]string{"bad": "a hole in the file"}, make: func(t *testing.T, folder string) func() {
			t.Helper()
			done := file(plainRecord(1), "\n", 1<<20-len(plainRecord(1)))(t, folder)
			if err := os.Truncate(filepath.Join(folder, "bad"), 1<<40); err != nil {
				t.Skip("no sparse files here: " + err.Error())
			}
			return done
		}},
		{name: "names", events: 4, make: func(t *testing.T, folder string) func() {
			t.Helper()
			for i, name := range []string{"\x1b[31m\n\u202e", "\xff\xfe", strings.Repeat("n", 255), "-rf *"} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(plainRecord(i)), 0o600); err != nil {
					t.Skip("such names are not possible here: " + err.Error())
				}
			}
			return func() {}
		}},
	}
}

func pipes(t *testing.T, folder string) func() {
	t.Helper()
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Skip("no pipes here: " + err.Error())
	}
	socket, err := net.Listen("unix", filepath.Join(folder, "socket"))
	if err != nil {
		t.Skip("no sockets here: " + err.Error())
	}
	return func() { _ = socket.Close() }
}

// Whatever lies in a folder, the good files beside it come in, memory stays below 256 MB, and little is read.
func TestHostilePlacesCostNothingButThemselves(t *testing.T) {
	for _, h := range append(append(hostileFiles(), hostileArchives()...), hostileFolders()...) {
		t.Run(h.name, func(t *testing.T) {
			if testing.Short() && strings.Contains(h.name, "MB") {
				t.Skip("takes seconds under the race detector")
			}
			home := newHome(t)
			home.file(t, "logs/g1.json", `{"Records":[`+plainRecord(0xffffff1)+`,`+plainRecord(0xffffff2)+`]}`)
			home.file(t, "logs/zz/g2.json.gz", string(gzipped(t, plainRecord(0xffffff3))))
			folder := filepath.Join(home.dir, "logs")
			done := h.make(t, folder)
			out, errs, code, memory, read := home.measured(t, "sync", "logs", "--format", "json", "--quiet")
			done()
			got := decode[synced](t, out)
			if code != h.code || got.Events != h.events+3 {
				t.Fatalf("exit code %d, want %d, events %d, want %d and the good ones\n%s%s", code, h.code, got.Events, h.events, out, errs)
			}
			for file, reason := range h.named {
				if !named(got, file, reason) {
					t.Errorf("no problem says that %q %s: %+v", file, reason, got.Problems)
				}
			}
			if h.ignored > 0 && got.IgnoredFiles < h.ignored {
				t.Errorf("%d files ignored, want %d: %+v", got.IgnoredFiles, h.ignored, got)
			}
			if n := strings.TrimSpace(home.must(t, "search", "--count", "id:0fffff*")); n != "3" {
				t.Errorf("%s of 3 good events are held", n)
			}
			if testing.Short() {
				return // memory is not what it is without the race detector
			}
			t.Logf("%d MB of memory, %d MB read", memory>>20, read>>20)
			if most := max(h.read, 64<<20); memory > hostileMemory || read > most {
				t.Errorf("%d MB of memory, want %d at most; %d MB read, want %d at most", memory>>20, hostileMemory>>20, read>>20, most>>20)
			}
		})
	}
}

func named(s synced, file, reason string) bool {
	for _, p := range s.Problems {
		if strings.HasSuffix(p.File, file) && strings.Contains(p.Reason, reason) {
			return true
		}
	}
	return false
}

// measured runs a command and gives the most anonymous memory that it had, and the bytes that it read.
func (h *home) measured(t *testing.T, args ...string) (stdout, stderr string, code int, memory, read int64) {
	t.Helper()
	var out, errs strings.Builder
	c := h.with("GOMEMLIMIT=208MiB").command(args...) // as the program sets it
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case <-ended:
			return out.String(), errs.String(), c.ProcessState.ExitCode(), memory, read
		case <-time.After(5 * time.Millisecond):
			memory = max(memory, procNumber(c.Process.Pid, "status", "RssAnon:")<<10)
			read = max(read, procNumber(c.Process.Pid, "io", "rchar:"))
		}
	}
}

// procNumber is a number that the system tells of a process, 0 where it does not.
func procNumber(pid int, file, key string) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file)) // it may have ended
	_, rest, _ := strings.Cut(string(text), key)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(words[0], 10, 64)
	return n
}
