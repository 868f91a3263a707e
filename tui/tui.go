// Package tui is the explorer on the terminal: panes over an index.
//
// There is one Bubble Tea model, app. It holds what panes share (filter, selection, focus, size) and hands messages out;
// a pane is a plain struct that keeps its own cursor and draws a rectangle of lines. Update does no I/O and View only
// draws: whatever reads the index, the clock or a file is a command in cmd.go and comes back as a message of msg.go.
// Each search has a generation; answers of an older one are dropped.
//
// Text from logs, keys and messages of AWS is hostile: it is made visible by package text before it is drawn.
package tui

import (
	"context"
	"io"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/trailsift/trailsift/index"
)

// Options is what the explorer is started with.
type Options struct {
	// Index is open and stays open until Run has returned.
	Index *index.Index
	// Ingest brings in what is new; nil where nothing is to come. It is called in the background, again where more is
	// asked for, never twice at a time, and Run waits for its return.
	Ingest func(ctx context.Context, to Intake) (index.Summary, error)
	// Follow looks for new events, brings them in and tells of each look, until ctx ends; nil where there is nothing to
	// follow. It is called when Ingest has returned. Following says that it is wanted from the beginning.
	Follow    func(ctx context.Context, look func(Look)) error
	Following bool
	// Verify holds what the store has against digests and gives what it established to Index.SetIntegrity; nil where
	// nothing can be verified. It is called each time somebody asks for it, in the background, and Run waits for its
	// return. progress may be called from any goroutine, as often as one likes.
	Verify func(ctx context.Context, progress func(index.VerifyProgress)) error
	// Trails asks AWS for the trails of the account; nil where that is not to be asked. It is called when somebody wants
	// to see them.
	Trails func(ctx context.Context) ([]TrailRow, error)
	// State is the file of what comes back at the next visit: marks, zone, layout, filters used; "": nothing is read or
	// written. StateFailed is told when it cannot be written; may be nil.
	State       string
	StateFailed func(error)
	// Session is the file of a session that was exported, which is shown as it was; "": none. See CheckSession.
	Session string
	// Places are where the events come from, in words.
	Places string
	// In are the same as arguments of a command, for the filter that is copied as one.
	In []string
	// Query is the filter at the beginning.
	Query string
	// ReadFile gives the content of a list of values (field:@FILE); nil: there are none. It is asked at each key in the
	// filter.
	ReadFile func(name string) ([]byte, error)
	// From and To limit what is shown, half-open; zero is open.
	From, To time.Time
	// Location is the zone of local times; nil: time.Local.
	Location *time.Location
	// Now is the clock for relative times in filters; nil: time.Now.
	Now func() time.Time

	// Theme is the name of a built-in theme; "": that of the last visit, else the first. Keys change bindings.
	Theme string
	Keys  Keymap

	// Clipboard is how copies reach the terminal; "" is plain.
	Clipboard ClipboardRoute

	ASCII, NoColor bool
	Input          io.Reader // nil: the terminal
	Output         io.Writer // nil: standard output
	Environ        []string  // nil: the environment of the process
}

// framesPerSecond is how often changed cells are sent. Output leaves on this ticker only, so it is the floor of what a
// key waits: at 60 p95 is 18 ms, at 120 it is 11 to 15; the idle cost of a core is the same 0.9 %.
const framesPerSecond = 120

// Run shows the explorer until it is left. A context that ends closes it; so should signals.
func Run(ctx context.Context, opt Options) error {
	ctx, cancel := context.WithCancel(ctx)
	a := newApp(ctx, opt)
	err := run(ctx, a)
	cancel()
	a.background.close()
	if failed := a.saveState(ctx); failed != nil && opt.StateFailed != nil {
		opt.StateFailed(failed)
	}
	return err
}

func run(ctx context.Context, a *app) error {
	s := a.opt
	options := []tea.ProgramOption{
		// Signals are the caller's and arrive as the end of ctx. Bubble Tea's own handler waits for ever when a second
		// reader of the same signal has ended the program before.
		tea.WithoutSignalHandler(),
		tea.WithFPS(framesPerSecond),
		tea.WithFilter(a.thin),
	}
	if s.Input != nil {
		options = append(options, tea.WithInput(s.Input))
	}
	if s.Output != nil {
		options = append(options, tea.WithOutput(s.Output))
	}
	if s.Environ != nil {
		options = append(options, tea.WithEnvironment(s.Environ))
	}
	if s.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(a, options...)
	a.send = p.Send
	// Quit puts the terminal back; ending the program by its context would not wait for that.
	stop := context.AfterFunc(ctx, p.Quit)
	defer stop()
	if _, err := p.Run(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// background is what must have ended before the index may be closed.
type background struct {
	mu     sync.Mutex
	closed bool
	group  sync.WaitGroup
}

// begin reports whether something may still start; the caller then owes an end.
func (b *background) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.group.Add(1)
	}
	return !b.closed
}

func (b *background) end() { b.group.Done() }

// close lets nothing start any more and waits for what runs.
func (b *background) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.group.Wait()
}
