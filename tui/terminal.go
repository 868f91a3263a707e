package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// onTerminal takes what the terminal says about itself. Bubble Tea asks whether frames may be drawn in one go (mode 2026)
// and does so where the terminal agrees; over SSH it does not ask, since terminals that do not know the question print a
// letter. So there the terminal is asked for its name first, which those leave without an answer.
func (a *app) onTerminal(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.EnvMsg:
		if msg.Getenv("SSH_TTY") != "" {
			return tea.RequestTerminalVersion
		}
	case tea.TerminalVersionMsg:
		return tea.Raw(ansi.RequestModeSynchronizedOutput)
	}
	return nil
}

// suspend gives the terminal back to the shell, where there is one that could continue the program.
func (a *app) suspend() tea.Cmd {
	if orphaned() {
		a.toast = "no shell runs below that could continue this"
		return nil
	}
	return tea.Suspend
}
