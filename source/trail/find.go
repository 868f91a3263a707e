package trail

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

var (
	// ErrNone is that there is no trail of the name asked for.
	ErrNone = errors.New("no such trail")
	// ErrName is that what was asked for can be the name of no trail.
	ErrName = errors.New("not a trail")
	// ErrSeveral is that a name is that of several trails: names are unique within a Region only.
	ErrSeveral = errors.New("several trails have this name")
)

// SpotOf is what an ARN alone tells of a trail: everything but where it delivers.
func SpotOf(arn string) (Spot, bool) {
	_, region, account, name, ok := ParseARN(arn)
	return Spot{ARN: arn, Name: name, HomeRegion: region, Account: account}, ok
}

// Find asks where the trail of a name or ARN delivers. Errors are *source.Error, of ErrNone and ErrSeveral where it is
// the name, or of the context.
func Find(ctx context.Context, session *aws.Session, name string) (Spot, error) {
	thing := Scheme + name
	if known, ok := SpotOf(name); ok {
		return findARN(ctx, session, known)
	}
	if strings.HasPrefix(name, "arn:") {
		return Spot{}, &source.Error{Thing: thing, Reason: "not the ARN of a trail", Hint: "write it like arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME", Err: ErrName}
	}
	l := newLister(session, Options{})
	if err := l.find(ctx); err != nil {
		return Spot{}, err
	}
	var found []*Trail
	for _, arn := range slices.Sorted(maps.Keys(l.trails)) {
		if t := l.trails[arn]; t.Name == name {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		return Spot{}, noTrail(name, l.looked())
	case 1:
		if !found[0].described {
			l.get(ctx, l.client(found[0].HomeRegion), found[0])
		}
		return found[0].Spot(), unknownBucket(found[0])
	}
	names := make([]string, len(found))
	for i, t := range found {
		names[i] = t.ARN
	}
	return Spot{}, &source.Error{Thing: thing, Reason: "several trails have this name: " + strings.Join(names, ", "), Hint: "name one by its ARN", Err: ErrSeveral}
}

// findARN asks the home Region of a trail, which the ARN names; a member of an organisation may ask that way, too.
func findARN(ctx context.Context, session *aws.Session, known Spot) (Spot, error) {
	l := newLister(session, Options{})
	l.describe(ctx, known.HomeRegion, []string{known.ARN})
	if err := ctx.Err(); err != nil {
		return known, err
	}
	t := l.trails[known.ARN]
	if t == nil && l.asked > 0 {
		return known, noTrail(known.ARN, known.HomeRegion)
	}
	if t == nil {
		t = &Trail{ARN: known.ARN, Name: known.Name, HomeRegion: known.HomeRegion, Account: known.Account}
		l.get(ctx, l.client(known.HomeRegion), t)
	}
	return t.Spot(), unknownBucket(t)
}

func noTrail(name, looked string) error {
	return &source.Error{
		Thing: Scheme + name, Reason: "no such trail; looked in " + looked, Hint: "trailsift trails lists those there are", Err: ErrNone,
	}
}

// unknownBucket is the error of a trail whose configuration AWS did not tell.
func unknownBucket(t *Trail) error {
	for _, u := range t.Unknown {
		if u.What == Configuration {
			return &source.Error{Thing: Scheme + t.Name, Reason: u.Reason, Hint: u.Hint}
		}
	}
	return nil
}

// looked are the Regions that were asked, in words.
func (l *lister) looked() string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(l.regions))), ", ")
}
