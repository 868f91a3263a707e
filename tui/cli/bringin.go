package cli

import (
	"context"
	"errors"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

// bringIn reaches places, opens their store and brings in what is new. What could be brought in was, also where an
// error is returned: the index is then open.
func (c *command) bringIn(ctx context.Context, texts []string) (*index.Index, index.Summary, error) {
	spots, err := c.locate(ctx, texts)
	if err != nil {
		return nil, index.Summary{}, err
	}
	if c.flag.offline && remote(spots) {
		return nil, index.Summary{}, errOffline(spots)
	}
	sources, err := reachAll(ctx, spots)
	if err != nil {
		return nil, index.Summary{}, err
	}
	places := placesOf(spots)
	s, err := c.chooseStore(places)
	if err != nil {
		return nil, index.Summary{}, err
	}
	ix, err := c.openStore(s, true)
	if err != nil {
		return nil, index.Summary{}, err
	}
	c.remember(s, places)
	bar := c.newProgress()
	sum, err := ingestAll(ctx, ix, sources, bar.update)
	bar.done()
	return ix, sum, err
}

// errOffline is the refusal to reach a place that needs a connection.
func errOffline(spots []spot) error {
	for _, s := range spots {
		if s.place.Remote {
			return placeFault("leave --offline out, or ask what is held: trailsift search --index STORE",
				"%s: bringing in needs a connection, and --offline opens none", s.place.Text)
		}
	}
	return nil
}

// ingestAll brings several places in, one after the other; a place that can't be read does not keep the others out.
func ingestAll(ctx context.Context, ix *index.Index, sources []source.Source, progress func(index.Progress)) (index.Summary, error) {
	var (
		total index.Summary
		errs  []error
	)
	total.Complete, total.Problems = true, []index.FileProblem{}
	for _, src := range sources {
		sum, err := ix.Ingest(ctx, src, index.IngestOptions{Progress: progress, Workers: workers(src)})
		addSummary(&total, sum)
		if err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return total, errors.Join(errs...)
}

// addSummary adds what came in from one place to a total. Held and IndexBytes are about the store as a whole.
func addSummary(total *index.Summary, s index.Summary) {
	total.Files += s.Files
	total.Events += s.Events
	total.Held, total.IndexBytes = s.Held, s.IndexBytes
	total.Duplicates += s.Duplicates
	total.Conflicts += s.Conflicts
	total.Salvaged += s.Salvaged
	total.Untimed += s.Untimed
	total.SkippedRecords += s.SkippedRecords
	total.SkippedFiles += s.SkippedFiles
	total.IgnoredFiles += s.IgnoredFiles
	if len(s.Ignored) > 0 && total.Ignored == nil {
		total.Ignored = map[string]int{}
	}
	for kind, n := range s.Ignored {
		total.Ignored[kind] += n
	}
	total.DigestFiles += s.DigestFiles
	total.BytesCompressed += s.BytesCompressed
	total.Bytes += s.Bytes
	total.Seconds += s.Seconds
	total.Complete = total.Complete && s.Complete
	total.Refused = append(total.Refused, s.Refused...)
	total.Problems = append(total.Problems, s.Problems...)
}

// remoteWorkers is how many log files of a remote place are read side by side: there a worker waits for answers most of
// the time.
const remoteWorkers = 8

// workers is how many workers a place is brought in with; 0 is one a core.
func workers(src source.Source) int {
	if src.Place().Remote {
		return remoteWorkers
	}
	return 0
}
