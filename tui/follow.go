package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// A Look is one look for new events while following.
type Look struct {
	At  time.Time // when it ended
	New int       // events that came in since following began
	Err error     // why it could not look; it tries again
	// Generation is that of the index after it.
	Generation uint64
}

// following is what is known of looking for new events.
type following struct {
	on   bool
	stop context.CancelFunc
	last Look
}

// lookMsg and followedMsg tell about following.
type lookMsg struct{ Look }

type followedMsg struct{ err error }

// follow begins to look for new events; it ends with what stop does.
func (a *app) follow() tea.Cmd {
	if a.opt.Follow == nil || a.following.on {
		return nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.following = following{on: true, stop: cancel}
	return followCmd(ctx, a)
}

func followCmd(ctx context.Context, a *app) tea.Cmd {
	follow, send, running := a.opt.Follow, a.send, &a.background
	return func() tea.Msg {
		if !running.begin() {
			return nil
		}
		defer running.end()
		return followedMsg{follow(ctx, func(l Look) {
			if send != nil {
				send(lookMsg{l})
			}
		})}
	}
}

// toggleFollow follows, or no longer does.
func (a *app) toggleFollow() tea.Cmd {
	switch {
	case a.opt.Follow == nil:
		a.toast = "there is nothing to follow here"
	case a.following.on:
		a.following.stop()
		a.toast = "no longer following"
	case a.intake.on:
		a.toast = "following begins when all is brought in"
		a.opt.Following = true
	default:
		a.toast = "following: new events come in by themselves"
		return a.follow()
	}
	return nil
}

func (a *app) onLook(msg lookMsg) tea.Cmd {
	before := a.following.last
	a.following.last = msg.Look
	if msg.Err != nil && (before.Err == nil || before.Err.Error() != msg.Err.Error()) {
		a.toast = "following: " + errorText(msg.Err) + "; trying again"
	}
	return a.refresh(msg.Generation)
}

func (a *app) onFollowed(msg followedMsg) tea.Cmd {
	a.following.on = false
	if msg.err != nil && a.ctx.Err() == nil && !isCanceled(msg.err) {
		a.toast = "following ended: " + errorText(msg.err)
	}
	return nil
}

// followText says for the status line when it last looked.
func (a *app) followText() string {
	f := &a.following
	switch {
	case f.last.At.IsZero():
		return "following"
	case f.last.Err != nil:
		return "following, could not look at " + f.last.At.In(a.location()).Format("15:04:05")
	case f.last.New == 0:
		return "following, looked " + f.last.At.In(a.location()).Format("15:04:05")
	}
	return "following, " + text.Count(f.last.New) + " new, looked " + f.last.At.In(a.location()).Format("15:04:05")
}

// startIngest brings in what is new; ask shows what there is first.
func (a *app) startIngest(ask bool) tea.Cmd {
	if a.opt.Ingest == nil || a.intake.on {
		return nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	a.intake.on, a.intake.ended, a.intake.progress = true, false, index.Progress{}
	a.search.stopIngest = cancel
	return ingestCmd(ctx, a, ask)
}

// chooseMore shows what AWS places have and the store lacks, to bring in some of it.
func (a *app) chooseMore() tea.Cmd {
	switch {
	case a.opt.Ingest == nil:
		a.toast = "nothing to choose from: the store was opened without its places"
	case a.intake.on:
		a.toast = "wait until all is brought in, or stop it with ctrl+c"
	default:
		a.toast = "looking what there is"
		return a.startIngest(true)
	}
	return nil
}

func isCanceled(err error) bool { return errors.Is(err, context.Canceled) }
