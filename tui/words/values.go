package words

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// values are what a record holds, by path.
type values struct{ record map[string]any }

// maxNamed is how many values of a list are named.
const maxNamed = 3

// text is the one scalar at a path of the record, "" where there is none.
func (v values) text(path string) string {
	if all := gather(v.record, strings.Split(path, "."), nil); len(all) == 1 {
		return all[0]
	}
	return ""
}

// roots are the marks that say in which part of a record a path begins; without one it is requestParameters.
var roots = map[byte]string{'>': "responseElements", '+': "additionalEventData", '@': "userIdentity", '/': ""}

// named are the values at a path of a form, as a phrase: "a", "a, b", "a, b, c and 4 more".
func (v values) named(path string) string {
	root := "requestParameters"
	if r, ok := roots[path[0]]; ok {
		root, path = r, path[1:]
	}
	steps := strings.Split(path, ".")
	if root != "" {
		steps = append([]string{root}, steps...)
	}
	all := gather(v.record, steps, nil)
	key := steps[len(steps)-1]
	seen := map[string]bool{}
	shown := make([]string, 0, maxNamed)
	for _, s := range all {
		if _, secret := text.Masked(key, s); s == "" || secret || seen[s] || s[0] == '{' || s[0] == '[' {
			continue // JSON in a string is no name
		}
		seen[s] = true
		if len(shown) < maxNamed {
			shown = append(shown, v.short(s))
		}
	}
	if more := len(seen) - len(shown); more > 0 {
		return strings.Join(shown, ", ") + " and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(shown, ", ")
}

// maxGathered bounds what is taken from one list.
const maxGathered = 1000

// gather adds the scalars at a path. A list on the way stands for each of its members.
func gather(at any, steps []string, into []string) []string {
	if len(into) >= maxGathered {
		return into
	}
	switch at := at.(type) {
	case map[string]any:
		if len(steps) == 0 {
			return into
		}
		if next, ok := at[steps[0]]; ok {
			return gather(next, steps[1:], into)
		}
	case []any:
		for _, member := range at {
			into = gather(member, steps, into)
		}
	case string:
		if len(steps) == 0 {
			return append(into, at)
		}
	case json.Number:
		if len(steps) == 0 {
			return append(into, at.String())
		}
	case bool:
		if len(steps) == 0 {
			return append(into, strconv.FormatBool(at))
		}
	}
	return into
}

// longest is how many characters of one value stand in a sentence.
const longest = 80

// short is what an ARN names, with its account where that is not the one of the event, and the queue of a queue's URL;
// other text as it is.
func (v values) short(s string) string {
	if strings.HasPrefix(s, "https://sqs.") || strings.HasPrefix(s, "https://queue.") {
		s = s[strings.LastIndexByte(s, '/')+1:]
	}
	part := strings.SplitN(s, ":", 6)
	if len(part) < 6 || part[0] != "arn" {
		return cut(s)
	}
	name := part[5]
	if part[2] != "s3" {
		if i := strings.IndexAny(name, "/:"); i > 0 && i < len(name)-1 {
			name = name[i+1:]
		}
	}
	if here := v.text("recipientAccountId"); isAccount(part[4]) && isAccount(here) && part[4] != here {
		return fmt.Sprintf("%s of account %s", cut(name), part[4])
	}
	return cut(name)
}

func cut(s string) string {
	n := 0
	for i := range s {
		if n == longest {
			return s[:i] + ".."
		}
		n++
	}
	return s
}

// fill puts values into a form: {path|other path} is the first of the paths that holds something; a part in brackets is
// left out where one of its values is missing. Outside of brackets a missing value fails the form.
func (v values) fill(form string) (string, bool) {
	var b strings.Builder
	for form != "" {
		i := strings.IndexAny(form, "[{")
		if i < 0 {
			b.WriteString(form)
			break
		}
		b.WriteString(form[:i])
		closing := map[byte]string{'[': "]", '{': "}"}[form[i]]
		inside, rest, _ := strings.Cut(form[i+1:], closing)
		if form[i] == '[' {
			if s, ok := v.fill(inside); ok {
				b.WriteString(s)
			}
		} else {
			s := v.either(inside)
			if s == "" {
				return "", false
			}
			b.WriteString(s)
		}
		form = rest
	}
	return b.String(), true
}

func (v values) either(paths string) string {
	for path := range strings.SplitSeq(paths, "|") {
		if s := v.named(path); s != "" {
			return s
		}
	}
	return ""
}
