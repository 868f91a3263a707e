package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trailsift/trailsift/tui"
	"github.com/trailsift/trailsift/tui/text"
)

// look are the flags of the explorer that say how it looks and how it speaks to the terminal.
func (f *flags) look(s *pflag.FlagSet) {
	s.SortFlags = false
	names, _ := tui.ThemeNames()
	s.StringVar(&f.theme, "theme", "", "`NAME` of a theme: "+strings.Join(names, ", ")+" (also: TRAILSIFT_THEME)")
	s.StringVar(&f.osc52, "osc52", "", "how copies reach the terminal: plain, tmux, screen (wrapped for the terminal outside), file (also: TRAILSIFT_OSC52)")
	s.StringVar(&f.session, "session", "", "`FILE` of a session exported from the explorer (ctrl+s): filter, columns, marks and bookmarks as they were")
}

// completeLook completes the values of these flags.
func completeLook(cmd *cobra.Command) {
	for name, values := range map[string][]string{"theme": themeNames(), "osc52": clipboardRoutes()} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

func themeNames() []string {
	names, _ := tui.ThemeNames()
	return names
}

func clipboardRoutes() []string {
	return []string{string(tui.ClipboardPlain), string(tui.ClipboardTmux), string(tui.ClipboardScreen), string(tui.ClipboardFile)}
}

// styled puts how the panes look and which keys they have into options.
func (c *command) styled(opt *tui.Options) error {
	theme, err := oneOf("theme", c.flag.theme, c.env.Getenv("TRAILSIFT_THEME"), themeNames())
	if err != nil {
		return err
	}
	route, err := oneOf("osc52", c.flag.osc52, c.env.Getenv("TRAILSIFT_OSC52"), clipboardRoutes())
	if err != nil {
		return err
	}
	opt.Theme, opt.Clipboard = theme, tui.ClipboardRoute(route)
	if opt.Session = c.flag.session; opt.Session != "" {
		if err := tui.CheckSession(opt.Session); err != nil {
			return usage("the explorer writes one with ctrl+s", "--session %s: %s", opt.Session, plain(err))
		}
	}
	opt.Keys, err = c.keymap()
	return err
}

// oneOf is the value of a flag or else of its variable, which must be one of some words.
func oneOf(name, flag, env string, words []string) (string, error) {
	value, what := flag, "--"+name
	if value == "" {
		value, what = env, "TRAILSIFT_"+strings.ToUpper(name)
	}
	if value == "" {
		return "", nil
	}
	if slices.Contains(words, value) {
		return value, nil
	}
	return "", usage("one of "+strings.Join(words, ", "), "%s %s: there is none%s", what, value, didYouMean(value, words))
}

// keysFile is where keys.toml is looked for.
func (c *command) keysFile() string {
	dir := c.env.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		dir = xdg.ConfigHome
	}
	return filepath.Join(dir, "trailsift", "keys.toml")
}

// keymap reads keys.toml; that there is none is no error. With faults it is not used: half a keymap surprises.
func (c *command) keymap() (tui.Keymap, error) {
	path := c.keysFile()
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return tui.Keymap{}, nil
	}
	if err != nil {
		return tui.Keymap{}, placeFault("", "read %s: %s", path, plain(err))
	}
	m, faults := tui.ParseKeys(b)
	if len(faults) == 0 {
		return m, nil
	}
	f := &fault{code: exitUsage, message: path + " cannot be used", hint: "mend it, or move it away; trailsift help keys names panes, commands and keys"}
	for _, bad := range faults {
		f.below = append(f.below, bad.Error())
	}
	return tui.Keymap{}, f
}

// keysTopic is "trailsift help keys".
func (c *command) keysTopic() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "The keys of every pane, and how to change them", Long: "The keys of every pane, and how to change them."}
	cmd.SetHelpFunc(func(*cobra.Command, []string) {
		out := c.root.OutOrStdout()
		m, err := c.keymap()
		_, _ = out.Write([]byte(tui.KeysText(m, c.keysFile())))
		if err != nil {
			_, _ = out.Write([]byte("\n"))
			if f, ok := errors.AsType[*fault](err); ok {
				_, _ = out.Write([]byte(text.Visible(f.message) + ", the keys above are those without it:\n"))
				for _, l := range f.below {
					_, _ = out.Write([]byte("  " + text.Visible(l) + "\n"))
				}
			}
		}
	})
	return cmd
}
