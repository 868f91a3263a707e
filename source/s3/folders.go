package s3

import (
	"context"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailsift/trailsift/source/aws"
)

// At is another prefix of the same bucket, reached through the same client.
func (b *Bucket) At(prefix string, opt Options) *Bucket {
	return New(b.client, b.bucket, prefix, opt)
}

// Folders are the names of the folders right below the prefix, at most a page of them (1000): one listing.
func (b *Bucket) Folders(ctx context.Context) ([]string, error) {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	out, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &b.bucket, Prefix: &prefix, Delimiter: sdk.String("/"), EncodingType: types.EncodingTypeUrl,
	}, fewAttempts)
	if err != nil {
		return nil, aws.Explain(err, b.text(prefix), "s3:ListBucket")
	}
	var names []string
	for _, p := range out.CommonPrefixes {
		folder := decodeKey(out, sdk.ToString(p.Prefix))
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(folder, prefix), "/"))
	}
	return names, nil
}
