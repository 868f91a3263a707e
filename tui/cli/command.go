package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/tui"
)

// command is one run of the program: its world, its flags, and what the tree of cobra commands shares.
type command struct {
	env  Env
	root *cobra.Command
	flag flags
	ix   *index.Index // open store, closed by execute
	temp string       // folder of a temporary store, removed by execute

	stopped <-chan struct{} // closed when the run is interrupted

	signed signing
	lists  listFiles

	came   *intake // the places last brought in
	headed bool    // the heads of a table that goes on stand already

	later      error // of bringing in, told after what there is was answered
	unreadable int   // records that could not be read back

	keyLock sync.Mutex // held while the book of public keys is changed
	proven  []string   // what prove established, a text for each place

	reached sources

	pushed   history.Attribute // what Event history is asked for, where the query needs no more; see pushDown
	onScreen bool              // the panes have the terminal
	style    tui.Options       // of the panes: theme, keys, clipboard
	closers  []io.Closer       // of local places
	stdin    *archive.Source   // standard input as a place; nil where none is it
}

// execute runs a command line.
func (c *command) execute(ctx context.Context, args []string) error {
	c.stopped = ctx.Done()
	c.root = c.tree() //nolint:contextcheck // cobra hands the context to the commands itself
	args, err := c.arrange(args)
	if err != nil {
		return err
	}
	c.root.SetArgs(args)
	err = c.root.ExecuteContext(ctx)
	if c.ix != nil {
		err = errors.Join(err, c.ix.Close())
	}
	for _, closer := range c.closers {
		err = errors.Join(err, closer.Close())
	}
	if c.temp != "" {
		err = errors.Join(err, os.RemoveAll(c.temp))
	}
	return err
}

// tree is the command tree. Its help lists only what is built.
func (c *command) tree() *cobra.Command {
	root := &cobra.Command{
		Use:   "trailsift [PLACE…]",
		Short: "Terminal explorer for AWS CloudTrail",
		Long: "trailsift brings CloudTrail events from places into a local index and opens panes to explore them.\n\n" +
			placesHelp,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE:              func(cmd *cobra.Command, args []string) error { return c.explore(cmd.Context(), args) },
	}
	root.SetOut(c.env.Stdout)
	root.SetErr(c.env.Stderr)
	root.SetFlagErrorFunc(flagFault)
	c.flag.common(root.PersistentFlags())
	c.flag.places(root.Flags())
	c.flag.answer(root.Flags())
	c.flag.which(root.Flags())
	c.flag.guard(root.Flags())
	c.flag.following(root.Flags())
	c.flag.proof(root.Flags())
	c.flag.look(root.Flags())
	completeLook(root)
	root.AddCommand(
		c.demoCommand(), c.syncCommand(), c.searchCommand(), c.facetsCommand(), c.timelineCommand(),
		c.verifyCommand(), c.coverageCommand(), c.trailsCommand(), c.indexCommand(), c.completionCommand(), c.versionCommand(), permissionsTopic(), c.keysTopic(),
	)
	root.SetHelpCommand(c.helpCommand())
	root.InitDefaultHelpCmd() // now, so that the first argument is judged with it
	return root
}

// unbuilt names what interface.md promises and this version does not have yet; refused by name, absent from help.
var unbuilt = []string{"findings", "trace", "changes", "report"}

var unbuiltFlags = []string{"redact"}

func notBuilt(what string) error {
	return usage("trailsift help lists what is there", "%s is not built yet in this version", what)
}

// atMost is the check of a command that takes at most n arguments.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		name := strings.TrimPrefix(cmd.CommandPath(), "trailsift ")
		return usage("trailsift help "+name, "%s: one argument too many: %s", name, args[n])
	}
}

// flagFault words cobra's flag errors our way.
func flagFault(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := unknown.GetSpecifiedName()
		if slices.Contains(unbuiltFlags, name) {
			return notBuilt("--" + name)
		}
		return usage("trailsift help"+strings.TrimPrefix(cmd.CommandPath(), "trailsift"),
			"no flag --%s here%s", name, didYouMean(name, flagNames(cmd)))
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usage("trailsift help"+strings.TrimPrefix(cmd.CommandPath(), "trailsift"), "--%s %s: not a %s that can be used",
			bad.GetFlag().Name, bad.GetValue(), kindOf(bad.GetFlag().Value.Type()))
	}
	return usage("trailsift help"+strings.TrimPrefix(cmd.CommandPath(), "trailsift"), "%s", err)
}

// kindOf is what a flag takes, in words.
func kindOf(flagType string) string {
	switch flagType {
	case "int", "float64":
		return "number"
	case "size":
		return "size"
	case "type":
		return "type of log file"
	case "account":
		return "list of accounts (12 digits each)"
	case "region":
		return "list of Regions"
	}
	return "value"
}

func flagNames(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// arrange checks the first argument and makes query terms that begin with "-" safe from the flag parser: for commands
// that take a query, flags go first, then "--", then the terms.
func (c *command) arrange(args []string) ([]string, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return args, nil
	}
	if slices.Contains(unbuilt, args[0]) {
		return nil, notBuilt(args[0])
	}
	cmd, rest, err := c.root.Find(args)
	if err != nil || cmd == c.root {
		return args, c.checkFirst(args[0])
	}
	if cmd.Annotations["query"] == "" {
		return args, nil
	}
	flags, terms := splitTerms(cmd.Flags(), c.root.PersistentFlags(), rest)
	path := strings.Fields(cmd.CommandPath())[1:] // "index extract"
	if len(terms) == 0 {
		return append(path, flags...), nil
	}
	return slices.Concat(path, flags, []string{"--"}, terms), nil
}

// splitTerms tells flags from query terms. A word that begins with one "-" is a flag only where it is exactly a
// shorthand; "--" ends the flags.
func splitTerms(local, global *pflag.FlagSet, args []string) (flags, terms []string) {
	lookup := func(word string) *pflag.Flag {
		if name, long := strings.CutPrefix(word, "--"); long {
			name, _, _ = strings.Cut(name, "=")
			if f := local.Lookup(name); f != nil {
				return f
			}
			return global.Lookup(name)
		}
		if len(word) != 2 || word[1] == '-' {
			return nil
		}
		if f := local.ShorthandLookup(word[1:]); f != nil {
			return f
		}
		return global.ShorthandLookup(word[1:])
	}
	for i := 0; i < len(args); i++ {
		word := args[i]
		if word == "--" {
			return flags, append(terms, args[i+1:]...)
		}
		isLong := strings.HasPrefix(word, "--")
		f := lookup(word)
		switch {
		case f == nil && !isLong && word != "-h":
			terms = append(terms, word)
		case f == nil || strings.Contains(word, "=") || f.NoOptDefVal != "" || i+1 == len(args):
			flags = append(flags, word)
		default:
			flags = append(flags, word, args[i+1])
			i++
		}
	}
	return flags, terms
}

// queryArgs joins the words of a query.
func queryArgs(args []string) string { return strings.Join(args, " ") }

// didYouMean names the nearest of names, as a clause for an error, or nothing.
func didYouMean(word string, names []string) string {
	if best, ok := nearest(word, names); ok {
		return fmt.Sprintf(" (did you mean %s?)", best)
	}
	return ""
}

// nearest is the name at the smallest edit distance, if that is at most a third of its length plus one.
func nearest(word string, names []string) (string, bool) {
	best, bestCost := "", 1<<30
	for _, n := range names {
		if d := distance(word, n); d < bestCost {
			best, bestCost = n, d
		}
	}
	return best, best != "" && bestCost <= 1+len(best)/3
}

// distance is the optimal string alignment distance: insert, delete, replace, swap neighbours.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
