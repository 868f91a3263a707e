package s3

import (
	"context"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// At is another prefix of the same bucket, reached through the same client.
func (b *Bucket) At(prefix string, opt Options) *Bucket {
	return New(b.client.Load(), b.bucket, prefix, opt)
}

// Folders are the names of the folders right below the prefix, at most a page of them (1000): one listing.
func (b *Bucket) Folders(ctx context.Context) ([]string, error) {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	in := b.listInput(prefix)
	in.Delimiter = sdk.String("/")
	out, err := ask(b, func(c *s3.Client) (*s3.ListObjectsV2Output, error) { return c.ListObjectsV2(ctx, in, fewAttempts) })
	if err != nil {
		return nil, b.explain(err, prefix, "s3:ListBucket")
	}
	var names []string
	for _, p := range out.CommonPrefixes {
		folder := decodeKey(out, sdk.ToString(p.Prefix))
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(folder, prefix), "/"))
	}
	return names, nil
}
