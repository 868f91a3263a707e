package digest

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailsift/trailsift/source/aws"
)

// maxKeyPages bounds the answers to one question; AWS gives one.
const maxKeyPages = 20

// ListPublicKeys asks AWS for the public keys of a Region that were in use between two times. Their origin names account,
// Region, the time now, and the endpoint where it is not AWS itself. Errors are *source.Error, or of the context.
func ListPublicKeys(ctx context.Context, session *aws.Session, account, region string, from, to, now time.Time) ([]*Key, error) {
	cfg := session.Config()
	cfg.Region = region
	client := cloudtrail.NewFromConfig(cfg)
	origin := FromAWS(account, region, now)
	if at := aws.EndpointID(client.Options().BaseEndpoint); at != "aws" {
		origin.Text += ", asked of " + at
	}
	var keys []*Key
	in := &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to}
	for range maxKeyPages {
		out, err := client.ListPublicKeys(ctx, in)
		if err != nil {
			return nil, aws.Explain(err, "public keys of "+region, "cloudtrail:ListPublicKeys")
		}
		for _, k := range out.PublicKeyList {
			keys = append(keys, NewKey(k.Value, sdk.ToString(k.Fingerprint), sdk.ToTime(k.ValidityStartTime).UTC(),
				sdk.ToTime(k.ValidityEndTime).UTC(), origin))
		}
		if sdk.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	return keys, nil
}
