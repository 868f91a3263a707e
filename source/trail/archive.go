package trail

import (
	"context"
	"errors"
	"strings"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/s3"
)

// Scheme is how a place that is a trail begins.
const Scheme = "trail:"

// A Spot says where the log files of a trail lie: enough to open its archive without asking CloudTrail again.
type Spot struct {
	ARN          string `json:"arn"`
	Name         string `json:"name"`
	HomeRegion   string `json:"home_region"`
	Account      string `json:"account"`
	Bucket       string `json:"bucket"`
	Prefix       string `json:"prefix,omitempty"` // before AWSLogs/
	Organization bool   `json:"organization,omitempty"`
	MultiRegion  bool   `json:"multi_region,omitempty"`
}

// Spot is where the trail delivers.
func (t *Trail) Spot() Spot {
	return Spot{
		ARN: t.ARN, Name: t.Name, HomeRegion: t.HomeRegion, Account: t.Account, Bucket: t.Bucket, Prefix: t.Prefix,
		Organization: t.Organization, MultiRegion: t.MultiRegion,
	}
}

// Place is the trail as a place: its identity is its ARN, whatever it was called by.
func (s Spot) Place() source.Place {
	return source.Place{Text: Scheme + s.Name, ID: Scheme + s.ARN, Remote: true}
}

// URL is where the trail delivers, as a place.
func (s Spot) URL() string {
	if s.Prefix == "" {
		return "s3://" + s.Bucket
	}
	return "s3://" + s.Bucket + "/" + s.Prefix
}

// folder is where the trail's own log files lie in its bucket: [PREFIX/]AWSLogs/ACCOUNT, or AWSLogs/o-ID of an
// organisation, "" for o-ID where that is not known.
func (s Spot) folder(organization string) string {
	below := "AWSLogs"
	switch {
	case !s.Organization:
		below += "/" + s.Account
	case organization != "":
		below += "/" + organization
	}
	if s.Prefix == "" {
		return below
	}
	return s.Prefix + "/" + below
}

// An Archive is the log files of one trail: its folder of a bucket, under the trail's identity.
type Archive struct {
	*s3.Bucket
	spot         Spot
	organization string
}

var _ source.Source = (*Archive)(nil)

// Place is the trail, not the bucket.
func (a *Archive) Place() source.Place { return a.spot.Place() }

// TrailARN is the ARN of the trail.
func (a *Archive) TrailARN() string { return a.spot.ARN }

// Spot is the trail with where it delivers.
func (a *Archive) Spot() Spot { return a.spot }

// OrganizationID is the id of the organisation whose folder is read, "" for a trail of one account and where the bucket
// does not tell.
func (a *Archive) OrganizationID() string { return a.organization }

// Open connects to the bucket of a trail. For a trail of an organisation it looks which organisation's folder there is;
// whose asks, with DescribeOrganization, only where there are several.
func Open(ctx context.Context, session *aws.Session, spot Spot, opt s3.Options) (*Archive, error) {
	if spot.Bucket == "" {
		return nil, &source.Error{Thing: Scheme + spot.Name, Reason: "its bucket is not known", Hint: "allow cloudtrail:DescribeTrails or cloudtrail:GetTrail, or name the bucket: s3://BUCKET/PREFIX"}
	}
	a := &Archive{spot: spot}
	b, err := s3.Connect(ctx, session, spot.Bucket, spot.folder(""), opt)
	if err != nil {
		return nil, err
	}
	if spot.Organization {
		a.organization, err = organization(ctx, session, b)
		if err != nil {
			return nil, err
		}
		b = b.At(spot.folder(a.organization), opt)
	}
	a.Bucket = b
	return a, nil
}

// Check asks whether the bucket may be listed and the trail has delivered there.
func (a *Archive) Check(ctx context.Context) error {
	err := a.Bucket.Check(ctx)
	if e, ok := errors.AsType[*source.Error](err); ok {
		told := *e
		told.Thing = a.Place().Text + ", which delivers to " + e.Thing
		return &told
	}
	return err
}

// organization is the id of the organisation whose folder lies under AWSLogs/, "" where that cannot be told.
func organization(ctx context.Context, session *aws.Session, b *s3.Bucket) (string, error) {
	folders, err := b.Folders(ctx)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, f := range folders {
		if strings.HasPrefix(f, "o-") {
			ids = append(ids, f)
		}
	}
	switch len(ids) {
	case 0:
		return "", nil
	case 1:
		return ids[0], nil
	}
	return ownOrganization(ctx, session, ids), nil
}
