package cli

import (
	"time"

	"github.com/trailsift/trailsift/index"
)

// The JSON documents that scripts rely on. Fields are added, never renamed.

type facetJSON struct {
	Field    string      `json:"field"`
	Multi    bool        `json:"multi"`
	Events   int         `json:"events"`
	Missing  int         `json:"missing"`
	Distinct int         `json:"distinct"`
	Values   []valueJSON `json:"values"`
}

type valueJSON struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

func facetOut(f index.Facet) facetJSON {
	out := facetJSON{f.Field, f.Multi, f.Events, f.Missing, f.Distinct, make([]valueJSON, len(f.Values))}
	for i, v := range f.Values {
		out.Values[i] = valueJSON{v.Value, v.Count}
	}
	return out
}

type timelineJSON struct {
	From    *time.Time   `json:"from"` // null where nothing was found
	To      *time.Time   `json:"to"`
	Seconds int64        `json:"bucket_seconds"`
	Untimed int          `json:"untimed"`
	Buckets []bucketJSON `json:"buckets"`
}

type bucketJSON struct {
	Start  time.Time `json:"start"`
	Events int       `json:"events"`
	Errors int       `json:"errors"`
}

func timelineOut(t index.Timeline) timelineJSON {
	out := timelineJSON{Seconds: int64(t.Bucket / time.Second), Untimed: t.Untimed, Buckets: make([]bucketJSON, len(t.Buckets))}
	if !t.From.IsZero() {
		from, to := t.From.UTC(), t.To.UTC()
		out.From, out.To = &from, &to
	}
	for i, b := range t.Buckets {
		out.Buckets[i] = bucketJSON{b.Start.UTC(), b.Events, b.Errors}
	}
	return out
}

type storeJSON struct {
	Path       string            `json:"path"`
	Places     []string          `json:"places"`
	Events     int               `json:"events"`
	Documents  int               `json:"documents"`
	Duplicates int               `json:"duplicates"`
	Conflicts  int               `json:"conflicts"`
	Salvaged   int               `json:"salvaged"`
	Untimed    int               `json:"untimed"`
	Files      map[string]int    `json:"files"`
	First      time.Time         `json:"first,omitzero"`
	Last       time.Time         `json:"last,omitzero"`
	Segments   int               `json:"segments"`
	IndexBytes int64             `json:"index_bytes"`
	KeptBytes  int64             `json:"kept_bytes"`
	FileBytes  int64             `json:"file_bytes"`
	Columns    []index.ColumnUse `json:"columns"`
}

func infoJSON(path string, st index.Stats) storeJSON {
	out := storeJSON{
		Path: path, Events: st.Events, Documents: st.Documents, Duplicates: st.Duplicates, Conflicts: st.Conflicts,
		Salvaged: st.Salvaged, Untimed: st.Untimed, Files: map[string]int{}, First: st.First, Last: st.Last,
		Segments: st.Segments, IndexBytes: st.IndexBytes, KeptBytes: st.KeptBytes, FileBytes: st.FileBytes, Columns: st.Columns,
	}
	for _, p := range st.Places {
		out.Places = append(out.Places, p.Text)
	}
	for state, n := range st.Files {
		out.Files[state.String()] = n
	}
	return out
}
