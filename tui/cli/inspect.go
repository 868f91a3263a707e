package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/source"
)

// inspectFiles is how many files without CloudTrail in them are looked at before a place gets the benefit of the doubt:
// bringing in looks at all of them anyway.
const inspectFiles = 200

// inspect looks for the first log file with CloudTrail in it, so that a mistaken folder is told before the screen is
// taken over. What can't be read is left for bringing in to name.
func inspect(ctx context.Context, src source.Source) error {
	var d source.Decoder
	kinds := map[string]int{}
	looked, failed := 0, error(nil)
	for f, err := range src.List(ctx) {
		if err != nil {
			if f.Key == "" {
				return err
			}
			failed = err
			continue
		}
		if looked++; looked > inspectFiles {
			return nil
		}
		kind, err := contentOf(ctx, &d, src, f)
		if err != nil {
			failed = err
			continue
		}
		if kind == "" {
			return nil
		}
		kinds[kind]++
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return noCloudTrail(src.Place().Text, kinds, failed)
}

// contentOf says what a file is that holds no CloudTrail; "" where it does, or may.
func contentOf(ctx context.Context, d *source.Decoder, src source.Source, f source.File) (string, error) {
	obj, err := src.Open(ctx, f)
	if err != nil {
		return "", err
	}
	defer obj.Body.Close()
	for range d.Events(obj.Body) {
		return "", nil
	}
	switch st := d.Stats(); {
	case st.Content == source.ContentOther:
		return st.Other, d.Err()
	case st.Damage != "":
		return "damaged or of no known kind", d.Err()
	}
	return "", d.Err()
}

// noCloudTrail is the error for a place without any: what was there instead.
func noCloudTrail(place string, kinds map[string]int, failed error) error {
	if failed != nil && len(kinds) == 0 {
		return failed
	}
	total := 0
	for _, n := range kinds {
		total += n
	}
	if total == 0 && place == "-" {
		return placeFault("pipe log files into it: cat FILE | trailsift sync -", "standard input: nothing came in")
	}
	if total == 0 {
		return placeFault("name the folder that holds the .json.gz files", "%s: no CloudTrail in it: no files", place)
	}
	names := slices.Sorted(maps.Keys(kinds))
	slices.SortStableFunc(names, func(a, b string) int { return kinds[b] - kinds[a] })
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%d %s", kinds[n], n)
	}
	return placeFault("name a folder or file with CloudTrail records", "%s: no CloudTrail in it: looked at %s: %s", place,
		plural(total, "file", "files"), strings.Join(parts, ", "))
}
