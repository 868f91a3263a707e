package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/source"
)

const (
	defaultMaxBytes sizeFlag = 2e9
	defaultMinFree  sizeFlag = 500e6
)

// A sizeFlag is a number of bytes on the command line: 1000000, 500MB, 2GB, 1.5TB, 512MiB.
type sizeFlag int64

var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"KIB", 1 << 10},
	{"MIB", 1 << 20},
	{"GIB", 1 << 30},
	{"TIB", 1 << 40},
	{"KB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"K", 1e3},
	{"M", 1e6},
	{"G", 1e9},
	{"T", 1e12},
	{"B", 1},
	{"", 1},
}

var errNotSize = errors.New("not a size")

// Set reads a size; case and a space before the unit do not matter.
func (v *sizeFlag) Set(s string) error {
	number := strings.ToUpper(strings.TrimSpace(s))
	for _, u := range sizeUnits {
		rest, ok := strings.CutSuffix(number, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
		if err != nil || math.IsNaN(n) || n < 0 || n*u.bytes > math.MaxInt64/2 {
			return errNotSize
		}
		*v = sizeFlag(n * u.bytes)
		return nil
	}
	return errNotSize
}

// String is the size as Set reads it.
func (v *sizeFlag) String() string {
	n := int64(*v)
	for _, u := range []struct {
		name  string
		bytes int64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

func (*sizeFlag) Type() string { return "size" }

// logTypes are the kinds of log file chosen with --types.
type logTypes []source.LogKind

// typeNames are the words of --types: the folders of a bucket without what all begin with.
func typeNames() []string {
	var names []string
	for k := source.KindCloudTrail; k <= source.KindDigest; k++ {
		names = append(names, typeName(k))
	}
	return names
}

// typeName is "cloudtrail" for log files of events, else what follows the dash: "insight", "digest".
func typeName(k source.LogKind) string {
	name := strings.ToLower(k.String())
	if _, short, ok := strings.Cut(name, "-"); ok {
		return short
	}
	return name
}

// Set adds the kinds of a list; a folder's whole name is taken too.
func (v *logTypes) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		found := false
		for k := source.KindCloudTrail; k <= source.KindDigest; k++ {
			if word == typeName(k) || word == strings.ToLower(k.String()) {
				*v, found = append(*v, k), true
			}
		}
		if !found {
			return errors.New("not a type of log file")
		}
	}
	return nil
}

func (v *logTypes) String() string {
	names := make([]string, len(*v))
	for i, k := range *v {
		names[i] = typeName(k)
	}
	return strings.Join(names, ",")
}

func (*logTypes) Type() string { return "type" }

// accountList are the accounts chosen with --accounts.
type accountList []string

// Set adds those of a list.
func (v *accountList) Set(s string) error {
	return addWords((*[]string)(v), s, func(w string) bool { return len(w) == 12 && strings.Trim(w, "0123456789") == "" })
}

func (v *accountList) String() string { return strings.Join(*v, ",") }

func (*accountList) Type() string { return "account" }

// regionList are the Regions chosen with --regions.
type regionList []string

// Set adds those of a list.
func (v *regionList) Set(s string) error { return addWords((*[]string)(v), s, isRegionWord) }

func (v *regionList) String() string { return strings.Join(*v, ",") }

func (*regionList) Type() string { return "region" }

// isRegionWord is whether a word may be a Region's: it becomes part of keys and of a host's name.
func isRegionWord(w string) bool {
	return w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func addWords(to *[]string, s string, fits func(string) bool) error {
	for word := range strings.SplitSeq(s, ",") {
		if word = strings.TrimSpace(word); !fits(word) {
			return errors.New("does not fit")
		}
		*to = append(*to, word)
	}
	return nil
}
