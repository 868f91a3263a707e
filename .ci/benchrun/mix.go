package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// A question is one query of the mix, as trailsift and as SQL understand it.
type question struct {
	Class   string // "one term", …
	Variant int    // from 0
	Query   string
	Where   string // the same as a condition of SQL
	Bucket  int    // seconds of a bar, as trailsift chose them
}

// variants is how many questions each class has, of other values each.
const variants = 20

// classes are those of the mix, in the order of the table.
var classes = []string{"one term", "AND of three", "wildcard on event names", "negation", "CIDR", "time range", "OR of 50 principals", "everything"}

// words are looked for in event names.
var words = []string{
	"Delete", "Create", "Get", "Put", "Describe", "List", "Update", "Assume", "Object", "Key", "Role", "User", "Bucket", "Log", "Stream",
	"Instance", "Policy", "Attach", "Tag", "Start",
}

// chooser picks values that a store has.
type chooser struct {
	ctx context.Context
	x   *index.Index
	err error
	all []question
}

// choose makes the mix for a store: the values are its own, so that each question has an answer.
func choose(ctx context.Context, x *index.Index) ([]question, error) {
	c := chooser{ctx: ctx, x: x}
	users, services, regions, events := c.values("user"), c.values("service"), c.values("region"), c.values("event")
	nets := networks(c.values("ip"))
	if c.err != nil {
		return nil, c.err
	}
	if len(users) < 2*variants || len(services) < 5 || len(regions) < 4 || len(events) < 20 || len(nets) == 0 {
		return nil, fmt.Errorf("the store has too few values: %d users, %d services, %d Regions, %d events, %d networks", len(users), len(services), len(regions), len(events), len(nets))
	}
	denied := append(equals("service", services[:5]), append(equals("region", regions[:4]), equals("event", events[:10])...)...)
	for i := range variants {
		c.ask(i, "one term", "user="+exact(users[2*i]), `"user" = `+literal(users[2*i]))
		s, r := services[i%5], regions[i/5]
		c.ask(i, "AND of three", "service="+exact(s)+" region="+exact(r)+" -error:*",
			`service = `+literal(s)+` AND region = `+literal(r)+` AND error IS NULL`)
		c.ask(i, "wildcard on event names", "event:*"+words[i]+"*", `"event" ILIKE '%`+words[i]+`%'`)
		if i == 0 {
			c.ask(i, "negation", "-readonly:true", `readonly IS DISTINCT FROM true`)
		} else {
			c.ask(i, "negation", "-"+denied[i-1][0], `(`+denied[i-1][1]+`) IS NOT TRUE`)
		}
		n := nets[i%len(nets)]
		c.ask(i, "CIDR", "ip:"+n+".0/24", `ip LIKE '`+n+`.%'`)
		c.ask(i, "OR of 50 principals", "user=("+strings.Join(each(fifty(users, i), exact), " OR ")+")", `"user" IN (`+strings.Join(each(fifty(users, i), literal), ", ")+")")
		c.ask(i, "everything", "", "true")
	}
	c.ranges()
	return c.all, c.err
}

// ask adds a question, with the length of bars that its answer has.
func (c *chooser) ask(variant int, class, text, where string) {
	q := question{Class: class, Variant: variant, Query: text, Where: where}
	r, err := find(c.ctx, c.x, text)
	if err != nil {
		c.err = err
		return
	}
	t, err := r.Timeline(c.ctx, index.TimelineOptions{Bars: bars})
	if err != nil {
		c.err = err
	}
	q.Bucket = max(1, int(t.Bucket.Seconds()))
	c.all = append(c.all, q)
}

// ranges asks for parts of the time that the store covers, from an hour to five days.
func (c *chooser) ranges() {
	r, err := find(c.ctx, c.x, "")
	if err != nil {
		c.err = err
		return
	}
	first, last, _ := r.Span()
	lengths := []time.Duration{24 * time.Hour, time.Hour, 6 * time.Hour, 3 * 24 * time.Hour, 5 * 24 * time.Hour}
	for i := range variants {
		from := first.Add(last.Sub(first) * time.Duration(i) / variants).Truncate(time.Minute)
		to := from.Add(lengths[i%len(lengths)])
		const form = "2006-01-02T15:04:05Z"
		a, b := from.UTC().Format(form), to.UTC().Format(form)
		c.ask(i, "time range", "time:(>="+a+" <"+b+")", `"time" >= TIMESTAMP '`+a[:19]+`' AND "time" < TIMESTAMP '`+b[:19]+`'`)
	}
}

// values are those of a field, most frequent first.
func (c *chooser) values(field string) []string {
	r, err := find(c.ctx, c.x, "")
	if err != nil {
		c.err = err
		return nil
	}
	f, err := r.Facet(c.ctx, field, 0)
	if err != nil {
		c.err = err
	}
	var out []string
	for _, v := range f.Values {
		out = append(out, v.Value)
	}
	return out
}

// find searches.
func find(ctx context.Context, x *index.Index, text string) (*index.Result, error) {
	n, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return x.Search(ctx, n, index.SearchOptions{})
}

// fifty picks 50 users, others for each i.
func fifty(users []string, i int) []string {
	var out []string
	for k := range min(50, len(users)) {
		out = append(out, users[(7*k+i)%len(users)])
	}
	return out
}

// networks are the first three numbers of IPv4 addresses, each once.
func networks(ips []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, ip := range ips {
		if a, err := netip.ParseAddr(ip); err != nil || !a.Is4() {
			continue
		}
		if n := ip[:strings.LastIndexByte(ip, '.')]; !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out[:min(len(out), variants)]
}

// equals writes conditions that a field has a value, in both languages.
func equals(field string, values []string) [][2]string {
	var out [][2]string
	for _, v := range values {
		out = append(out, [2]string{field + "=" + exact(v), `"` + field + `" = ` + literal(v)})
	}
	return out
}

func exact(v string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"` }

func literal(v string) string { return `'` + strings.ReplaceAll(v, `'`, `''`) + `'` }

func each(values []string, of func(string) string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = of(v)
	}
	return out
}
