package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) indexCompactCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "compact [STORE]", Short: "Merge small segments and give freed space back",
		Long: "Puts all small segments of a store together and rewrites its file without the space that was freed in it, into a\n" +
			"file beside it that takes its place when it is whole. Until then, and after ctrl+c, the store is as it was.\n" +
			"That much space must be free on its disk, --min-free besides.",
		Example: "  trailsift index compact\n  trailsift index compact 3f2a --format json",
		Args:    atMost(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.indexCompact(cmd.Context(), args) },
	}
	cmd.Flags().StringVar(&c.flag.format, "format", "", "output: table, json")
	c.flag.room(cmd.Flags())
	return cmd
}

// A compactedStore is what index compact --format json prints.
type compactedStore struct {
	Store string `json:"store"`
	index.Compacted
}

func (c *command) indexCompact(ctx context.Context, args []string) error {
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	s, err := c.oneStore(args)
	if err != nil {
		return err
	}
	if err := c.existing(s); err != nil {
		return err
	}
	ix, err := c.openStore(s, true)
	if err != nil {
		return err
	}
	bar, room := c.newProgress(), c.roomFor(s.path)
	defer bar.done()
	done, err := ix.Compact(ctx, index.CompactOptions{
		Room: room.holds,
		Progress: func(done, total int64) error {
			bar.bytes("compacting "+filepath.Base(s.path), done, total)
			return room.check()
		},
	})
	bar.done()
	if err != nil {
		return err
	}
	if format == "json" {
		return c.writeJSON(compactedStore{s.path, done})
	}
	_, err = fmt.Fprintf(c.env.Stdout, "%s: %s, was %s; %s, were %s\n", text.Visible(filepath.Base(s.path)),
		text.Bytes(done.BytesAfter), text.Bytes(done.BytesBefore),
		plural(done.SegmentsAfter, "segment", "segments"), text.Count(done.SegmentsBefore))
	return err
}
