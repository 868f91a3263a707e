package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/trailsift/trailsift/tui/widget"
)

// A Keymap is what a keys.toml changes of the bindings:
//
//	[events]              # a pane; [all] is every pane that has the command
//	mark = ["x", "space"] # the keys of a command, in place of those it has
//	filter = "ctrl+k"
//	undo = []             # none
type Keymap struct{ changes []keyChange }

type keyChange struct {
	in   mode
	act  action
	keys []string
	line int
}

// A KeyFault is something wrong in a keys.toml.
type KeyFault struct {
	Line int // from 1
	Text string
}

func (f KeyFault) Error() string { return fmt.Sprintf("line %d: %s", f.Line, f.Text) }

// maxKeymap bounds the text that is read, in bytes.
const maxKeymap = 1 << 20

// ParseKeys reads a keys.toml. Whatever is wrong is told at once: syntax, panes, commands and keys there are none of, and
// keys that would do two things in one pane.
func ParseKeys(document []byte) (Keymap, []KeyFault) {
	if len(document) > maxKeymap {
		return Keymap{}, []KeyFault{{1, "longer than 1 MB"}}
	}
	var whole map[string]any
	if err := toml.Unmarshal(document, &whole); err != nil { // also what the parser alone lets pass, such as a key given twice
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, _ := at.Position()
			return Keymap{}, []KeyFault{{line, strings.TrimPrefix(at.Error(), "toml: ")}}
		}
		return Keymap{}, []KeyFault{{1, strings.TrimPrefix(err.Error(), "toml: ")}}
	}
	r := keymapReader{}
	r.read(document)
	if len(r.faults) > 0 {
		return Keymap{}, r.faults
	}
	m := Keymap{changes: r.changes}
	return m, m.conflicts()
}

// keymapReader goes over the lines of a document.
type keymapReader struct {
	parser  unstable.Parser
	pane    string // of the table one is in
	changes []keyChange
	faults  []KeyFault
}

func (r *keymapReader) read(document []byte) {
	r.parser.Reset(document)
	for r.parser.NextExpression() {
		n := r.parser.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			r.pane = dotted(n.Key())
			if _, ok := paneMode(r.pane); !ok {
				r.fault(r.line(n), "no pane %q%s", r.pane, meant(r.pane, paneSlugs()))
			}
		case unstable.KeyValue:
			r.keyValue(n)
		default: // a comment
		}
	}
}

func (r *keymapReader) keyValue(n *unstable.Node) {
	line, name := r.line(n), dotted(n.Key())
	in, ok := paneMode(r.pane)
	if !ok {
		if r.pane == "" {
			r.fault(line, "%s stands in no pane: begin with [all] or with [events]", name)
		}
		return
	}
	act, ok := commandNamed(name)
	if !ok {
		r.fault(line, "no command %q%s", name, meant(name, commandSlugs()))
		return
	}
	if in &= boundIn(act); in == 0 {
		r.fault(line, "%s has no command %s", r.pane, name)
		return
	}
	keys, ok := keyNames(n.Value())
	if !ok {
		r.fault(line, "%s wants a key or a list of keys: %s = [\"x\", \"ctrl+k\"]", name, name)
		return
	}
	if act == actCancel && len(keys) == 0 {
		r.fault(line, "%s must have a key", name)
		return
	}
	for i, k := range keys {
		keys[i] = ownKey(k)
		if why := unusable(keys[i], in); why != "" {
			r.fault(line, "%q %s", k, why)
			return
		}
	}
	r.changes = append(r.changes, keyChange{in: in, act: act, keys: keys, line: line})
}

func (r *keymapReader) fault(line int, format string, args ...any) {
	r.faults = append(r.faults, KeyFault{line, fmt.Sprintf(format, args...)})
}

// line is where a node stands, from 1.
func (r *keymapReader) line(n *unstable.Node) int {
	for it := n.Key(); it.Next(); {
		return r.parser.Shape(r.parser.Range(it.Node().Data)).Start.Line
	}
	return 1
}

func dotted(it unstable.Iterator) string {
	var parts []string
	for it.Next() {
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, ".")
}

func keyNames(v *unstable.Node) ([]string, bool) {
	switch v.Kind {
	case unstable.String:
		return []string{string(v.Data)}, true
	case unstable.Array:
		keys := []string{}
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			if it.Node().Kind != unstable.String {
				return nil, false
			}
			keys = append(keys, string(it.Node().Data))
		}
		return keys, true
	default:
		return nil, false
	}
}

// ownKey is a key as the terminal's messages name it.
func ownKey(k string) string {
	switch k {
	case " ":
		return "space"
	case "pgdn":
		return "pgdown"
	}
	if n := len(k); n > 1 && k[0] == 'F' && strings.Trim(k[1:], "0123456789") == "" {
		return strings.ToLower(k)
	}
	return k
}

// namedKeys are keys that are no character.
var namedKeys = []string{
	"enter", "esc", "tab", "space", "backspace", "delete", "insert", "up", "down", "left", "right", "home", "end", "pgup", "pgdown",
	"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12",
}

// untold are keys that some terminals cannot tell from others.
var untold = map[string]string{"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "esc", "ctrl+h": "backspace"}

// unusable says why a key cannot be bound in panes, "" where it can.
func unusable(k string, in mode) string {
	if same, ok := untold[k]; ok {
		return "cannot be told from " + same + " on some terminals"
	}
	bare, held := k, false
	for _, m := range []string{"ctrl+", "alt+", "shift+"} {
		if rest, ok := strings.CutPrefix(bare, m); ok && rest != "" {
			bare, held = rest, held || m != "shift+"
		}
	}
	r, n := utf8.DecodeRuneInString(bare)
	character := n == len(bare) && r != utf8.RuneError && unicode.IsPrint(r)
	switch {
	case !character && !slices.Contains(namedKeys, bare):
		return "is no key: one character, or " + strings.Join(namedKeys[:6], ", ") + " …, with ctrl+, alt+ or shift+ before it"
	case character && strings.HasPrefix(k, "shift+"):
		return "is typed as the character it gives"
	case held && character && strings.HasPrefix(k, "ctrl+") && unicode.IsUpper(r):
		return "is typed with a small letter"
	case in&inTyped != 0 && (character && !held || bare == "space"):
		return "is text in a line that is typed into"
	case in&inTyped != 0 && slices.Contains(widget.EditKeys(), k):
		return "edits the line"
	}
	return ""
}

// bindings are those of the program, changed.
func (m Keymap) bindings() []binding {
	all := bindings()
	for _, c := range m.changes {
		var next []binding
		for _, b := range all {
			if b.act != c.act || b.in&c.in == 0 {
				next = append(next, b)
				continue
			}
			if rest := b.in &^ c.in; rest != 0 {
				other := b
				other.in = rest
				next = append(next, other)
			}
			next = append(next, b.with(c))
		}
		all = next
	}
	return all
}

// with is a binding with other keys; without any it is a command of the palette.
func (b binding) with(c keyChange) binding {
	b.in &= c.in
	shown := ":" + commands[b.act]
	if len(c.keys) > 0 {
		shown = keyName(c.keys[0])
	} else {
		b.hint = ""
	}
	b.Binding = key.NewBinding(key.WithKeys(c.keys...), key.WithHelp(shown, b.Help().Desc))
	return b
}

// conflicts are the keys that would do two things in one pane, told at the line that brings them about.
func (m Keymap) conflicts() []KeyFault {
	all := m.bindings()
	var faults []KeyFault
	for _, p := range modeNames {
		has := map[string]action{}
		for _, b := range all {
			if b.in&p.in == 0 {
				continue
			}
			for _, k := range b.Keys() {
				other, twice := has[k]
				if !twice {
					has[k] = b.act
					continue
				}
				f := KeyFault{m.lineOf(k, p.in), fmt.Sprintf("%s in %s would be %s and %s: give one of them another key, or none ([])",
					keyName(k), paneSlug(p.name), commands[other], commands[b.act])}
				if !slices.Contains(faults, f) {
					faults = append(faults, f)
				}
			}
		}
	}
	return faults
}

// lineOf is the last line that gives a key to a command of a pane.
func (m Keymap) lineOf(k string, in mode) int {
	for _, c := range slices.Backward(m.changes) {
		if c.in&in != 0 && slices.Contains(c.keys, k) {
			return c.line
		}
	}
	return 1
}
