package tui

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

// A ClipboardRoute is how what is copied reaches the terminal.
type ClipboardRoute string

// The routes: OSC 52 as it is (most terminals, mosh, and tmux with set-clipboard on), wrapped for the terminal outside of
// tmux (with allow-passthrough on) or of screen, and none: into a file.
const (
	ClipboardPlain  ClipboardRoute = "plain"
	ClipboardTmux   ClipboardRoute = "tmux"
	ClipboardScreen ClipboardRoute = "screen"
	ClipboardFile   ClipboardRoute = "file"
)

// maxClipboardBytes is how much base64 goes out as one OSC 52; terminals cut or refuse more (100,000 bytes of sequence
// less framing, as other programs have found).
const maxClipboardBytes = 74_994

// copyMsg is something to be copied; note says what else should be known about it.
type copyMsg struct{ what, text, note string }

// copyCmd puts s on the clipboard of the terminal.
func copyCmd(what, s, note string) tea.Cmd {
	if note != "" {
		note = "; " + note
	}
	return func() tea.Msg { return copyMsg{what, s, note} }
}

// onCopy sends it by OSC 52. There is no answer, so the message says "sent". What is too long for it goes to a file only
// the user can read.
func (a *app) onCopy(m copyMsg) tea.Cmd {
	if base64.StdEncoding.EncodedLen(len(m.text)) > maxClipboardBytes {
		return copyToFile(m, "too long for the clipboard, ")
	}
	send, through := tea.SetClipboard(m.text), ""
	switch a.opt.Clipboard {
	case ClipboardFile:
		return copyToFile(m, "")
	case ClipboardTmux:
		send, through = tea.Raw(ansi.TmuxPassthrough(ansi.SetSystemClipboard(m.text))), " through tmux"
	case ClipboardScreen:
		// Screen takes at most 768 bytes of a string.
		send, through = tea.Raw(ansi.ScreenPassthrough(ansi.SetSystemClipboard(m.text), 768)), " through screen"
	case ClipboardPlain, "":
	}
	a.toast = fmt.Sprintf("%s: %s bytes sent to the terminal (OSC 52%s)%s", m.what, text.Count(len(m.text)), through, m.note)
	return send
}

// copyToFile writes what is copied to a file (0600) and says where.
func copyToFile(m copyMsg, why string) tea.Cmd {
	return func() tea.Msg {
		f, err := os.CreateTemp("", "trailsift-*.txt")
		if err != nil {
			return toastOf(err)
		}
		_, err = f.WriteString(m.text)
		if err = errors.Join(err, f.Close()); err != nil {
			return toastOf(err)
		}
		return toastMsg{fmt.Sprintf("%s: %s%s bytes written to %s%s", m.what, why, text.Count(len(m.text)), f.Name(), m.note)}
	}
}
