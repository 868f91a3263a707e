package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// doCopy is the copy menu: one key says what.
func (a *app) doCopy(act action) tea.Cmd {
	a.over = overNone
	switch act {
	case actCopyValue:
		return a.copyUnderCursor()
	case actCopyFilter:
		return copyCmd("filter", a.filter.whole(), "")
	case actCopyCommand:
		return copyCmd("command", a.command(), "")
	case actCopyKey:
		return a.copyKey()
	case actCopyPath:
		return a.copyPath()
	case actCopyMarked:
		return a.copyMarked()
	case actCopyEvent, actCopyID, actCopyPrincipal:
		return a.copyOfRecord(act)
	}
	return nil
}

// copyUnderCursor copies the value under the cursor as it is shown: what grants access is masked, what could not be seen
// is written as an escape.
func (a *app) copyUnderCursor() tea.Cmd {
	if a.focus == onDetail && a.detail.tree != nil {
		return copyNode(a.detail.tree.Node())
	}
	if a.focus == onFacets {
		if _, v, _, _, ok := a.facets.term(); ok {
			return copyText("value", v)
		}
		return nil
	}
	r := a.events.Selected()
	if r == nil {
		return nil
	}
	c := a.events.Column()
	if c.value == valueTime {
		return copyText("time", rowTime(r, a.location(), wideTime))
	}
	return copyText(c.field(), value(r, c.value))
}

func copyNode(n *widget.Node) tea.Cmd {
	if n == nil {
		return nil
	}
	if n.Kind == widget.Object || n.Kind == widget.Array {
		return copyCmd(n.Name(), n.JSON(), "")
	}
	if masked, ok := text.Masked(n.Key, n.Text); ok {
		return copyCmd(n.Name(), masked, "masked: copy the event for the value")
	}
	return copyText(n.Name(), n.Text)
}

// copyText copies text from outside; hidden characters are written as escapes, since nobody sees them when pasting.
func copyText(what, s string) tea.Cmd {
	note := ""
	if n := text.Hidden(s); n > 0 {
		s, note = text.Visible(s), fmt.Sprintf("%s hidden characters written as escapes", text.Count(n))
	}
	return copyCmd(what, s, note)
}

func (a *app) copyKey() tea.Cmd {
	if a.focus == onDetail && a.detail.tree != nil && a.detail.tree.Node() != nil {
		return copyText("key", a.detail.tree.Node().Name())
	}
	return copyCmd("field", a.events.Column().field(), "")
}

func (a *app) copyPath() tea.Cmd {
	if a.focus == onDetail && a.detail.tree != nil && a.detail.tree.Node() != nil {
		return copyText("path", jsonPath(a.detail.tree.Node()))
	}
	a.toast = "a path is copied from the event: enter opens it"
	return nil
}

// copyOfRecord copies from the record as delivered, which is read for it.
func (a *app) copyOfRecord(act action) tea.Cmd {
	r := a.events.Selected()
	if r == nil {
		return nil
	}
	read := recordCmd(a.ctx, a.opt.Index, *r)
	return func() tea.Msg {
		msg, ok := read().(recordMsg)
		if !ok || msg.err != nil {
			return toastMsg{"the record cannot be read"}
		}
		if len(msg.record.Raw) == 0 {
			return toastMsg{msg.record.Missing}
		}
		return runCmd(copyRecord(msg, act))
	}
}

// runCmd lets a command that was made by another one run with it.
func runCmd(cmd tea.Cmd) tea.Msg {
	if cmd == nil {
		return nil
	}
	return cmd()
}

// copyMarked copies the marked events as delivered, one a line.
func (a *app) copyMarked() tea.Cmd {
	if why := a.whyNot(actCopyMarked); why != "" {
		a.toast = why
		return nil
	}
	e, ctx := a.exportWriter(exportJob{what: exportMarked}), a.ctx
	return func() tea.Msg {
		var b strings.Builder
		err := e.records(ctx, exportMarked, func(raw []byte) error {
			b.Write(append(oneLine(raw), '\n'))
			return nil
		})
		if err != nil {
			return toastOf(err)
		}
		note := ""
		if e.tokens > 0 {
			note = "contains " + many(e.tokens, "session token")
		}
		if e.missing > 0 {
			note = many(e.missing, "record") + " could not be read back"
		}
		return runCmd(copyCmd(many(e.done-e.missing, "marked event"), b.String(), note))
	}
}

func copyRecord(msg recordMsg, act action) tea.Cmd {
	if act == actCopyEvent {
		return copyCmd("event", string(msg.record.Raw), eventNote(msg))
	}
	if msg.tree == nil {
		return nil
	}
	what, n := "event id", msg.tree.Find("eventID")
	if act == actCopyPrincipal {
		what, n = "principal's ARN", msg.tree.Find("userIdentity")
		if n != nil {
			n = n.Find("arn")
		}
	}
	if n == nil || n.Text == "" {
		return func() tea.Msg { return toastMsg{"the event has no " + what} }
	}
	return copyText(what, n.Text)
}

// eventNote says what a whole event holds that a person should know before pasting it somewhere.
func eventNote(msg recordMsg) string {
	var notes []string
	if msg.tree != nil {
		secrets := 0
		name := ""
		msg.tree.Walk(func(n *widget.Node) {
			if _, ok := text.Masked(n.Key, n.Text); ok {
				secrets++
				name = text.SecretName(n.Key)
			}
		})
		if secrets > 0 {
			notes = append(notes, fmt.Sprintf("contains %d %s", secrets, name))
		}
	}
	if n := text.Hidden(string(msg.record.Raw)); n > 0 {
		notes = append(notes, fmt.Sprintf("contains %s hidden characters", text.Count(n)))
	}
	return strings.Join(notes, ", ")
}

// command is the filter as a command line for a shell.
func (a *app) command() string {
	var b strings.Builder
	b.WriteString("trailsift search")
	for _, p := range a.opt.In {
		b.WriteString(" --in " + shellWord(p))
	}
	if !a.opt.From.IsZero() {
		b.WriteString(" --from " + a.opt.From.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if !a.opt.To.IsZero() {
		b.WriteString(" --to " + a.opt.To.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if q := a.filter.whole(); q != "" {
		b.WriteString(" -- " + shellWord(q))
	}
	return b.String()
}

// shellWord quotes a word for a POSIX shell.
func shellWord(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-./:=@,+%", r)
	}) < 0
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
