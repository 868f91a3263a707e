package tui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

// memory is a place in memory: log files by key.
type memory map[string][]byte

func (m memory) Place() source.Place { return source.Place{Text: "./logs", ID: "memory:"} }

func (m memory) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range slices.Backward(keys) {
			if ctx.Err() != nil || !yield(source.File{Key: k, SizeBytes: int64(len(m[k]))}, nil) {
				return
			}
		}
	}
}

func (m memory) Open(_ context.Context, f source.File) (*source.Object, error) {
	return &source.Object{Body: io.NopCloser(bytes.NewReader(m[f.Key]))}, nil
}

// ordinary makes n believable events, one a minute up to 2026-03-05 12:00 UTC, ten to a log file. Every seventh is
// denied, every fifth changes something.
func ordinary(n int) memory {
	m := memory{}
	names := []string{"GetObject", "AssumeRole", "DescribeInstances", "ListBuckets", "PutObject"}
	services := []string{"s3", "sts", "ec2", "s3", "s3"}
	users := []string{"bob-admin", "ci-deployer", "alice"}
	var records []string
	end := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for i := range n {
		at := end.Add(-time.Duration(n-1-i) * time.Minute)
		k := i % len(names)
		failure := ""
		if i%7 == 3 {
			failure = `"errorCode":"AccessDenied","errorMessage":"not authorized",`
		}
		user := users[i%len(users)]
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA%05d",`+
			`"arn":"arn:aws:iam::111122223333:user/%s","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"%s"},`+
			`"eventTime":"%s","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.%d",`+
			`"userAgent":"aws-cli/2.13.5",%s"requestParameters":{"bucketName":"prod-logs","amount":%d.50,"policy":"{\"Version\":\"2012-10-17\"}"},`+
			`"responseElements":{"credentials":{"sessionToken":"FwoGZXIvYXdzEXAMPLE%d"}},"requestID":"req-%d",`+
			`"eventID":"00000000-0000-4000-8000-%012d","readOnly":%t,"eventType":"AwsApiCall","managementEvent":true,`+
			`"recipientAccountId":"111122223333","eventCategory":"Management"}`,
			i, user, user, at.Format(time.RFC3339), services[k], names[k], i%4+9, failure, i, i, i, i, k != 4))
		if len(records) == 10 || i == n-1 {
			key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/05/111122223333_CloudTrail_us-east-1_%s_%05d.json",
				at.Format("20060102T1504Z"), i)
			m[key] = []byte(`{"Records":[` + strings.Join(records, ",") + `]}`)
			records = nil
		}
	}
	return m
}

// openIndex brings files into a new index.
func openIndex(t *testing.T, files memory) *index.Index {
	t.Helper()
	return openIndexAt(t, t.TempDir(), files)
}

func openIndexAt(tb testing.TB, folder string, files memory) *index.Index {
	tb.Helper()
	x, err := index.Open(filepath.Join(folder, "x.db"), index.Options{
		Write: true,
		Reopen: func(_ context.Context, _ source.Place, key string) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(files[key])), nil
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { x.Close() })
	if _, err := x.Ingest(tb.Context(), files, index.IngestOptions{}); err != nil {
		tb.Fatal(err)
	}
	return x
}

// driver runs the model without a terminal: keys in, lines out. Commands run one after another in the order they came;
// waits are over at once, after everything else.
type driver struct {
	t     *testing.T
	app   *app
	queue []tea.Cmd
	waits []tea.Msg
	done  bool
	out   []string // what went to the clipboard
}

func newDriver(t *testing.T, opt Options, w, h int) *driver {
	t.Helper()
	opt.Now = func() time.Time { return time.Date(2026, 3, 5, 12, 30, 0, 0, time.UTC) }
	if opt.Location == nil {
		opt.Location = time.FixedZone("CET", 3600)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return drive(t, newApp(ctx, opt), w, h)
}

func drive(t *testing.T, a *app, w, h int) *driver {
	t.Helper()
	d := &driver{t: t, app: a}
	a.after = func(_ time.Duration, msg tea.Msg) tea.Cmd {
		return func() tea.Msg { return waitMsg{msg} }
	}
	a.send = func(msg tea.Msg) { d.queue = append(d.queue, func() tea.Msg { return msg }) }
	d.update(tea.WindowSizeMsg{Width: w, Height: h})
	d.queue = append(d.queue, a.Init())
	d.settle()
	return d
}

type waitMsg struct{ msg tea.Msg }

func (d *driver) update(msg tea.Msg) {
	_, cmd := d.app.Update(msg)
	d.app.View()
	if cmd != nil {
		d.queue = append(d.queue, cmd)
	}
}

// settle runs all commands and waits.
func (d *driver) settle() {
	d.t.Helper()
	if !d.quietly() {
		d.t.Fatal("does not settle")
	}
}

// quietly is settle without a test to fail; it is false where there is no end.
func (d *driver) quietly() bool {
	for range 10_000 {
		switch {
		case len(d.queue) > 0:
			cmd := d.queue[0]
			d.queue = d.queue[1:]
			if cmd != nil {
				d.take(cmd())
			}
		case len(d.waits) > 0:
			msg := d.waits[0]
			d.waits = d.waits[1:]
			d.update(msg)
		default:
			return true
		}
	}
	return false
}

func (d *driver) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		d.queue = append(d.queue, msg...)
	case tea.QuitMsg:
		d.done = true
	case waitMsg:
		d.waits = append(d.waits, msg.msg)
	default:
		if s := fmt.Sprintf("%T", msg); s == "tea.setClipboardMsg" {
			d.out = append(d.out, fmt.Sprint(msg))
			return
		}
		d.update(msg)
	}
}

// press sends keys by name and settles after each.
func (d *driver) press(keys ...string) *driver {
	d.t.Helper()
	for _, k := range keys {
		d.update(keyMsg(k))
		d.settle()
	}
	return d
}

// typed sends the characters of s.
func (d *driver) typed(s string) *driver {
	d.t.Helper()
	for _, r := range s {
		d.update(tea.KeyPressMsg{Code: r, Text: string(r)})
		d.settle()
	}
	return d
}

// keyMsg is the message of a key by its name.
func keyMsg(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdn": tea.KeyPgDown, "home": tea.KeyHome,
		"end": tea.KeyEnd, "backspace": tea.KeyBackspace, "space": tea.KeySpace, "f1": tea.KeyF1, "f2": tea.KeyF2,
	}
	var k tea.Key
	for {
		switch {
		case strings.HasPrefix(name, "ctrl+"):
			k.Mod, name = k.Mod|tea.ModCtrl, name[5:]
			continue
		case strings.HasPrefix(name, "shift+"):
			k.Mod, name = k.Mod|tea.ModShift, name[6:]
			continue
		}
		break
	}
	if code, ok := special[name]; ok {
		k.Code = code
		if code == tea.KeySpace && k.Mod == 0 {
			k.Text = " "
		}
		return tea.KeyPressMsg(k)
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return tea.KeyPressMsg(k)
}

// screen is what is drawn, without colours, without blanks at the ends of lines.
func (d *driver) screen() string {
	lines := strings.Split(ansi.Strip(d.app.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// sees checks that the screen holds a text.
func (d *driver) sees(s string) *driver {
	d.t.Helper()
	if !strings.Contains(d.screen(), s) {
		d.t.Errorf("the screen does not show %q:\n%s", s, d.screen())
	}
	return d
}

// lacks checks that the screen does not hold a text.
func (d *driver) lacks(s string) *driver {
	d.t.Helper()
	if strings.Contains(d.screen(), s) {
		d.t.Errorf("the screen shows %q:\n%s", s, d.screen())
	}
	return d
}
