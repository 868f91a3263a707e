package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"strings"
)

// exportRows is how many rows are read at a time.
const exportRows = 10_000

// export writes fields of all events as CSV, newest first: the values as they are, unlike `search --format csv`, which
// alters what a spreadsheet would run. Of a field with several values it is the first.
func export(ctx context.Context, store string, names []string, to io.Writer) error {
	x, err := openStore(store)
	if err != nil {
		return err
	}
	defer func() { _ = x.Close() }()
	r, err := find(ctx, x, "")
	if err != nil {
		return err
	}
	buf := bufio.NewWriterSize(to, 1<<20)
	w := csv.NewWriter(buf)
	head := make([]string, len(names))
	for i, name := range names {
		head[i] = strings.ReplaceAll(name, "-", "_")
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for at := 0; at < r.Count(); at += exportRows {
		rows, err := r.Page(ctx, at, exportRows, names)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := w.Write(rows[i].Values); err != nil {
				return err
			}
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return buf.Flush()
}
