package s3

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A Survey is what there is to fetch, before anything is.
type Survey struct {
	Objects  int
	Bytes    int64 // as stored
	Held     int   // log files that are held already, not counted otherwise
	Requests int   // listings it took
	// Archived objects must be restored before they can be read; those that were are among them.
	Archived int
	Days     []SurveyDay // newest first, then by account, Region and type
	Ignored  int         // folders and objects that are recognisably something else
	Problems []error     // folders that could not be listed
}

// A SurveyDay is what was delivered on a day for an account and Region of one type.
type SurveyDay struct {
	Day             time.Time // of delivery, midnight UTC
	Account, Region string    // "" where the key does not tell
	Type            string    // "CloudTrail", "CloudTrail-Digest" …, "" where the key does not tell
	Objects         int
	Bytes           int64
}

// maxProblems of a survey are kept; the listing that follows names all.
const maxProblems = 100

// Survey lists what [Bucket.List] would and counts what is not held; no object is fetched. held may be nil, and so may
// progress, which is called now and then from this goroutine. The next List of the bucket, and of one made with
// [Bucket.Narrow], gives what was counted here without asking again, where that fits into some 32 MB (300,000 log
// files); beyond that they list anew.
func (b *Bucket) Survey(ctx context.Context, held func(source.File) bool, progress func(objects int, bytes int64)) (Survey, error) {
	type where struct {
		day                   int64 // Unix
		account, region, kind string
	}
	var s Survey
	var count tally
	days := map[where]*SurveyDay{}
	kept := &listing{}
	for f, err := range b.list(ctx, &count) {
		if err != nil && f.Key == "" {
			return Survey{}, err
		}
		if err == nil && held != nil && held(f) {
			s.Held++
			continue
		}
		if kept.add(f, err); err != nil {
			s.fault(err)
			continue
		}
		k, _ := source.ParseKey(f.Key)
		at := where{dayOf(f, k).Unix(), k.Account, k.Region, k.Kind.String()}
		d := days[at]
		if d == nil {
			d = &SurveyDay{Day: time.Unix(at.day, 0).UTC(), Account: at.account, Region: at.region, Type: at.kind}
			days[at] = d
		}
		d.Objects++
		d.Bytes += f.SizeBytes
		s.Objects++
		s.Bytes += f.SizeBytes
		if progress != nil && s.Objects%surveyStep == 0 {
			progress(s.Objects, s.Bytes)
		}
	}
	if progress != nil {
		progress(s.Objects, s.Bytes)
	}
	for _, d := range days {
		s.Days = append(s.Days, *d)
	}
	slices.SortFunc(s.Days, func(a, b SurveyDay) int {
		return cmp.Or(b.Day.Compare(a.Day), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type))
	})
	s.Requests, s.Archived = int(count.lists.Load()), int(count.archived.Load())
	if !kept.full {
		b.kept.Store(kept)
	}
	return s, nil
}

// surveyStep is how many objects come between two calls of progress.
const surveyStep = 500

func (s *Survey) fault(err error) {
	switch {
	case errors.Is(err, source.ErrIgnored):
		s.Ignored++
	case len(s.Problems) < maxProblems:
		s.Problems = append(s.Problems, err)
	}
}

// dayOf is the day of delivery: of the folder, the name, or the last modification.
func dayOf(f source.File, k source.Key) time.Time {
	switch {
	case !k.Day.IsZero():
		return k.Day
	case !k.Time.IsZero():
		return k.Time.Truncate(day)
	}
	return f.ModTime.Truncate(day)
}

// Narrow is the same bucket with other limits. What a survey found serves it too, where it asks for no more.
func (b *Bucket) Narrow(opt Options) *Bucket {
	n := New(b.client.Load(), b.bucket, b.prefix, opt)
	if kept := b.kept.Load(); kept != nil && n.limits.within(&b.limits) {
		n.kept.Store(kept)
	}
	return n
}

// Prices in US dollars: S3 Standard in us-east-1, and data transfer from there to the internet beyond the first 100 GB a
// month (aws.amazon.com/s3/pricing, aws.amazon.com/ec2/pricing/on-demand). Other Regions and classes differ; nothing is
// paid for transfer within the Region.
const (
	priceList     = 0.005 / 1000
	priceGet      = 0.0004 / 1000
	priceTransfer = 0.09 / 1e9
)

// A Price is an estimate in US dollars, by the list prices of us-east-1.
type Price struct {
	Lists, Gets float64
	Transfer    float64 // out of AWS to the internet; 0 where the reader is in the bucket's Region
}

// Total is all of it.
func (p Price) Total() float64 { return p.Lists + p.Gets + p.Transfer }

// Estimate is about what so many listings, objects and bytes cost. internet says that the bytes leave AWS.
func Estimate(lists, gets int, bytes int64, internet bool) Price {
	p := Price{Lists: float64(lists) * priceList, Gets: float64(gets) * priceGet}
	if internet {
		p.Transfer = float64(bytes) * priceTransfer
	}
	return p
}

// Price is about what the survey cost and fetching all of it will.
func (s *Survey) Price(internet bool) Price {
	return Estimate(s.Requests, s.Objects, s.Bytes, internet)
}
