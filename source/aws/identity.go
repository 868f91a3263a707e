package aws

import (
	"context"
	"errors"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/trailsift/trailsift/source"
)

const identityTimeout = 10 * time.Second

// An Identity is who requests are made as.
type Identity struct {
	Account, ARN, Partition string
}

// Identity asks STS who the credentials belong to (GetCallerIdentity needs no permission). Missing credentials are an
// error within 3 s.
func (s *Session) Identity(ctx context.Context) (Identity, error) {
	// Asked for by themselves first: the request would try again and again to get some, and a person may be asked for a
	// code.
	if err := s.Ready(ctx); err != nil {
		return Identity{}, err
	}
	inner, cancel := context.WithTimeout(ctx, identityTimeout)
	defer cancel()
	id, err := s.identity(inner)
	if err != nil && ctx.Err() == nil && inner.Err() != nil {
		return Identity{}, &source.Error{Thing: s.thing, Reason: "no answer about the identity within 10 s", Hint: hintNetwork, Err: err}
	}
	return id, s.explain(err, s.thing)
}

func (s *Session) identity(ctx context.Context) (Identity, error) {
	client := sts.NewFromConfig(s.cfg, inSomeRegion, func(o *sts.Options) { o.RetryMaxAttempts = identityAttempts })
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Account: sdk.ToString(out.Account), ARN: sdk.ToString(out.Arn)}
	id.Partition = partitionOf(id.ARN)
	if id.Account == "" {
		return Identity{}, errors.New("STS named no account")
	}
	return id, nil
}

// inSomeRegion lets STS be asked where no Region is set: it answers the same in all of a partition.
func inSomeRegion(o *sts.Options) {
	if o.Region == "" {
		o.Region = GlobalRegion("aws")
	}
}

// partitionOf is the partition of an ARN, "aws" where it does not say.
func partitionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) == 3 && parts[0] == "arn" && parts[1] != "" {
		return parts[1]
	}
	return "aws"
}

// RegionPartition is the partition a Region belongs to, by its name.
func RegionPartition(region string) string {
	for prefix, partition := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc",
		"us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f",
	} {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}

// GlobalRegion is the Region in which a partition records events of global services (CloudTrail user guide).
func GlobalRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	}
	return "us-east-1"
}
