package cli

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) custodyCommand() *cobra.Command {
	cmd := c.filesCommand("custody [QUERY…]", "List log files: SHA-256 as stored, state, events, verdict", "table, csv, json", c.custody)
	cmd.Long = "List every log file the store has heard of, as a chain of custody needs it: place and key, size, SHA-256 as stored,\n" +
		"state and what is wrong, events with their span, when and by which version it was brought in, verdict.\n" +
		"With a query, only those that hold an event of it, with how many."
	cmd.Example = "  trailsift index custody --format csv > custody.csv\n  trailsift index custody user:mallory"
	return cmd
}

func (c *command) custody(ctx context.Context, args []string) error {
	format, err := c.outputFormat("csv", "table", "csv", "json")
	if err != nil {
		return err
	}
	ix, r, err := c.holding(ctx, queryArgs(args))
	if err != nil {
		return err
	}
	rows := ix.Custody(ctx, index.CustodyOptions{Result: r})
	w := c.newWriter()
	switch format {
	case "json":
		err = c.custodyJSON(w, rows)
	case "csv":
		err = custodyCSV(c.newCSV(w), rows)
	default:
		err = c.custodyTable(w, rows)
	}
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	return err
}

// custodyFile is a row of a custody list in JSON.
type custodyFile struct {
	Place     string    `json:"place"`
	Key       string    `json:"key"`
	Version   int       `json:"version"`
	State     string    `json:"state"`
	Kind      string    `json:"kind,omitempty"` // of what is ignored
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256,omitempty"` // as stored; absent where it was not read whole
	Kept      string    `json:"kept"`             // "delivered", "content", or "" where it is referred to
	MovedTo   string    `json:"moved_to,omitempty"`
	Bytes     int64     `json:"bytes"` // uncompressed
	Events    int       `json:"events"`
	Matching  int       `json:"matching"` // events of the query
	Salvaged  int       `json:"salvaged"`
	Skipped   int       `json:"skipped"`
	First     time.Time `json:"first,omitzero"`
	Last      time.Time `json:"last,omitzero"`
	Reason    string    `json:"reason,omitempty"`
	Offset    *int64    `json:"offset,omitempty"` // of the first problem, in the uncompressed content
	Delivered time.Time `json:"delivered,omitzero"`
	ETag      string    `json:"etag,omitempty"`
	BroughtIn time.Time `json:"brought_in,omitzero"`
	By        string    `json:"by"` // version of the program
	Verdict   string    `json:"verdict"`
	Class     string    `json:"class,omitempty"`
	Why       string    `json:"verdict_reason,omitempty"`
}

func custodyOut(r *index.CustodyRow) custodyFile {
	f := custodyFile{
		Place: r.Place, Key: r.Key, Version: r.Version, State: r.State.String(), Kind: r.Other, Size: r.Size, MovedTo: r.MovedTo,
		Bytes: r.Bytes, Events: r.Events, Matching: r.Matching, Salvaged: r.Salvaged, Skipped: r.Skipped, First: r.First, Last: r.Last,
		Delivered: r.Delivered, ETag: r.ETag, BroughtIn: r.BroughtIn, By: r.Program, Verdict: r.Verdict, Class: r.Class, Why: r.VerdictReason,
	}
	if r.SHA256 != [32]byte{} {
		f.SHA256 = hex.EncodeToString(r.SHA256[:])
	}
	f.Kept = tui.CustodyKept(r)
	if reason, offset, wrong := r.Trouble(); wrong {
		f.Reason = reason
		if offset >= 0 {
			f.Offset = &offset
		}
	}
	return f
}

// custodyJSON writes one document, row by row.
func (c *command) custodyJSON(w *bufio.Writer, rows iter.Seq2[index.CustodyRow, error]) error {
	sep := `{"files":[`
	for r, err := range rows {
		if err != nil {
			return err
		}
		line, err := json.Marshal(custodyOut(&r))
		if err != nil {
			return err
		}
		if c.env.StdoutTTY {
			line = text.JSON(line)
		}
		_, _ = w.WriteString(sep + "\n")
		if _, err := w.Write(line); err != nil {
			return err
		}
		sep = ","
	}
	if sep != "," {
		_, _ = w.WriteString(sep)
	}
	_, err := w.WriteString("\n]}\n")
	return err
}

func custodyCSV(w *csvWriter, rows iter.Seq2[index.CustodyRow, error]) error {
	if err := w.row(tui.CustodyHead()...); err != nil {
		return err
	}
	for r, err := range rows {
		if err == nil {
			err = w.row(tui.CustodyCells(&r)...)
		}
		if err != nil {
			return err
		}
	}
	return w.flush()
}

// instant is a time in UTC, "" where it is not known.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// custodyRows is how many rows of a table are laid out together.
const custodyRows = 500

// custodyTable prints what fits; csv and json have all there is.
func (c *command) custodyTable(w io.Writer, rows iter.Seq2[index.CustodyRow, error]) error {
	cols := []column{
		{head: "STATE", min: 8},
		{head: "EVENTS", min: 9, right: true, drop: 1},
		{head: "FIRST", min: 20, drop: 5},
		{head: "LAST", min: 20, drop: 4},
		{head: "SIZE", min: 9, right: true, drop: 2},
		{head: "VERDICT", min: 10, drop: 3},
		{head: "SHA-256", min: 12},
		{head: "LOG FILE", min: 20, tail: true},
		{head: "REASON", min: 12, drop: 6},
	}
	var some [][]string
	heads := true
	flush := func() error {
		err := tableRows(w, cols, some, c.env.Width, heads)
		some, heads = some[:0], false
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		f := custodyOut(&r)
		some = append(some, []string{
			f.State, text.Count(f.Matching), instant(f.First), instant(f.Last), text.Bytes(f.Size), f.Verdict, f.SHA256, f.Key, f.Reason,
		})
		if len(some) == custodyRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
