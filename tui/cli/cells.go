package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// cellReader turns rows into the cells of a table: indexed fields come with the row, paths from the record.
type cellReader struct {
	c       *command
	ctx     context.Context //nolint:containedctx // lives as long as one printing
	cells   []cell
	indexed []string // the indexed fields to ask for, in the order of cells
	paths   bool     // at least one cell needs the record
}

// A cell is one asked field: the time, an indexed field (at is its place in the row's values) or a path.
type cell struct {
	name string
	time bool
	at   int
	path query.Key
}

// cellReader resolves names of fields; what is no field is a path in the record.
func (c *command) cellReader(ctx context.Context, names []string) (*cellReader, error) {
	r := &cellReader{c: c, ctx: ctx}
	for _, name := range names {
		f, ok := index.Schema().Lookup(name)
		switch {
		case ok && f.Kind == query.Time:
			r.cells = append(r.cells, cell{name: name, time: true})
		case ok:
			at := slices.Index(r.indexed, f.Name)
			if at < 0 {
				at = len(r.indexed)
				r.indexed = append(r.indexed, f.Name)
			}
			r.cells = append(r.cells, cell{name: f.Name, at: at})
		default:
			key, err := query.ParsePath(name)
			if err != nil {
				return nil, usage("a field (time, "+strings.Join(fieldNames(), ", ")+") or a path: requestParameters.bucketName",
					"--fields %s: neither a field nor a path", name)
			}
			r.cells = append(r.cells, cell{name: name, path: key})
			r.paths = true
		}
	}
	return r, nil
}

// read gives the cells of one row.
func (r *cellReader) read(row index.Row) []string {
	out := make([]string, len(r.cells))
	var raw []byte
	if r.paths {
		rec, err := r.c.ix.Record(r.ctx, row.Ref)
		switch {
		case err != nil:
			r.c.missing(index.Record{Missing: err.Error()})
		case rec.Missing != "":
			r.c.missing(rec)
		default:
			raw = rec.Raw
		}
	}
	for i, cell := range r.cells {
		switch {
		case cell.time:
			out[i] = timeText(row)
		case len(cell.path.Path) > 0:
			out[i] = pathValue(raw, cell.path)
		default:
			out[i] = row.Values[cell.at]
		}
	}
	return out
}

// pathValue is the first value at a path, masked where it would grant access.
func pathValue(raw []byte, key query.Key) string {
	if raw == nil {
		return ""
	}
	values := query.PathValues(raw, key)
	if len(values) == 0 {
		return ""
	}
	first := string(values[0])
	if masked, ok := text.Masked(key.Path[len(key.Path)-1], first); ok {
		return masked
	}
	return first
}
