package trail

import (
	"cmp"
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/trailsift/trailsift/source/aws"
)

// ownOrganization is the one of ids that is the organisation of the credentials, "" where AWS does not tell: then the
// folders of all of them are read.
func ownOrganization(ctx context.Context, session *aws.Session, ids []string) string {
	cfg := session.Config()
	cfg.Region = cmp.Or(cfg.Region, aws.GlobalRegion("aws"))
	client := organizations.NewFromConfig(cfg, func(o *organizations.Options) { o.RetryMaxAttempts = attempts })
	out, err := client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	if err != nil || out.Organization == nil {
		return ""
	}
	if id := sdk.ToString(out.Organization.Id); slices.Contains(ids, id) {
		return id
	}
	return ""
}
