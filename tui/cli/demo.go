package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "demo", Short: "Explore a generated archive of one incident",
		Long: "Explore a generated archive of one incident: 3 accounts, 5 Regions, 14 days. It is made from a seed as it is\n" +
			"read and writes nothing but its own store. With --out it is written as `aws s3 sync` would leave it.",
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.flag.events < 1 {
				return usage("demo --events 200000", "--events %d: at least 1", c.flag.events)
			}
			if c.flag.out != "" {
				return c.demoOut(cmd.Context())
			}
			return c.explore(cmd.Context(), []string{"demo"})
		},
	}
	cmd.Flags().IntVar(&c.flag.events, "events", demo.DefaultEvents, "how many events, about")
	cmd.Flags().StringVar(&c.flag.out, "out", "", "write the archive into this `DIR` and end")
	c.flag.answer(cmd.Flags())
	c.flag.look(cmd.Flags())
	completeLook(cmd)
	return cmd
}

// demoOut writes the archive with its digests, the sidecars that hold their signatures, and the public key.
func (c *command) demoOut(ctx context.Context) error {
	dir, err := filepath.Abs(c.flag.out)
	if err != nil {
		return err
	}
	d := demo.New(demo.Options{Events: c.flag.events})
	bar := c.newProgress()
	done, lock := 0, sync.Mutex{}
	err = d.WriteTo(ctx, dir, demo.WriteOptions{Workers: runtime.NumCPU(), Progress: func(n, all int) {
		lock.Lock()
		defer lock.Unlock()
		done = max(done, n)
		bar.files("demo", done, all)
	}})
	bar.done()
	if err != nil {
		return placeFault("", "write the demo to %s: %s", dir, plain(err))
	}
	_, err = fmt.Fprintf(c.env.Stdout, "%s written to %s\n", plural(done, "file", "files"), text.Visible(dir))
	return err
}
