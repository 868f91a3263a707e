package tui

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"io"
	"strconv"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// CustodyHead are the columns of a custody list as csv. More may be added at the end.
func CustodyHead() []string {
	return []string{
		"place", "key", "version", "state", "kind", "size", "sha256", "kept", "moved_to", "bytes", "events", "matching", "salvaged", "skipped",
		"first", "last", "reason", "offset", "delivered", "etag", "brought_in", "by", "verdict", "class", "verdict_reason",
	}
}

// CustodyCells is a row of a custody list, as CustodyHead names its cells. They are text from outside.
func CustodyCells(r *index.CustodyRow) []string {
	sum, offset := "", ""
	if r.SHA256 != [32]byte{} {
		sum = hex.EncodeToString(r.SHA256[:])
	}
	reason, at, _ := r.Trouble()
	if at >= 0 {
		offset = strconv.FormatInt(at, 10)
	}
	return []string{
		r.Place, r.Key, strconv.Itoa(r.Version), r.State.String(), r.Other, strconv.FormatInt(r.Size, 10), sum, CustodyKept(r), r.MovedTo,
		strconv.FormatInt(r.Bytes, 10), strconv.Itoa(r.Events), strconv.Itoa(r.Matching), strconv.Itoa(r.Salvaged), strconv.Itoa(r.Skipped),
		instant(r.First), instant(r.Last), reason, offset, instant(r.Delivered), r.ETag, instant(r.BroughtIn), r.Program,
		r.Verdict, r.Class, r.VerdictReason,
	}
}

// CustodyKept says what of a log file is in the store: "delivered", "content", or "" where it is referred to.
func CustodyKept(r *index.CustodyRow) string {
	switch {
	case r.Content:
		return "content"
	case r.Kept:
		return "delivered"
	}
	return ""
}

// instant is a time in UTC, "" where it is not known.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// custody writes the log files that the Sources pane shows as a custody list.
func (e *exporter) custody(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write(CustodyHead()); err != nil {
		return err
	}
	opt := index.CustodyOptions{States: e.files.States, Text: e.files.Text}
	for r, err := range e.index.Custody(ctx, opt) {
		if err != nil {
			return err
		}
		cells := CustodyCells(&r)
		for i, c := range cells {
			cells[i] = text.CSVCell(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
		e.done++
		e.progress(e.done)
	}
	out.Flush()
	return out.Error()
}
