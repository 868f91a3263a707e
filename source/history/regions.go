package history

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

// knownRegions are the Regions of each partition, for identities that may not list those of their account. Source:
// partitions.json of aws-sdk-go-v2 v1.47.6 (November 2026).
var knownRegions = map[string]string{
	"aws": "us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 mx-central-1 sa-east-1 " +
		"eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 " +
		"ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 " +
		"ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 " +
		"af-south-1 il-central-1 me-central-1 me-south-1",
	"aws-cn":     "cn-north-1 cn-northwest-1",
	"aws-us-gov": "us-gov-east-1 us-gov-west-1",
	"aws-eusc":   "eusc-de-east-1",
	"aws-iso":    "us-iso-east-1 us-iso-west-1",
	"aws-iso-b":  "us-isob-east-1 us-isob-west-1",
	"aws-iso-e":  "eu-isoe-west-1",
	"aws-iso-f":  "us-isof-east-1 us-isof-south-1",
}

// KnownRegions are the Regions of a partition as far as this version knows, sorted; those of an unknown one are its global
// Region alone.
func KnownRegions(partition string) []string {
	names, ok := knownRegions[partition]
	if !ok {
		return []string{aws.GlobalRegion(partition)}
	}
	return slices.Sorted(strings.FieldsSeq(names))
}

// EnabledRegions asks which Regions are enabled for the account (account:ListRegions), sorted. Errors are *source.Error.
func EnabledRegions(ctx context.Context, cfg sdk.Config, partition string) ([]string, error) {
	client := account.NewFromConfig(cfg, func(o *account.Options) {
		if aws.RegionPartition(o.Region) != partition || o.Region == "" {
			o.Region = aws.GlobalRegion(partition)
		}
	})
	pages := account.NewListRegionsPaginator(client, &account.ListRegionsInput{
		RegionOptStatusContains: []types.RegionOptStatus{types.RegionOptStatusEnabled, types.RegionOptStatusEnabledByDefault},
	})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, aws.Explain(err, "the list of Regions", "account:ListRegions")
		}
		for _, r := range page.Regions {
			if name := sdk.ToString(r.RegionName); isRegion(name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return nil, &source.Error{Thing: "the list of Regions", Reason: "AWS names none"}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Parse takes "history:[REGION[,REGION…]|all]" apart. No Region is an empty list.
func Parse(text string) (regions []string, all bool, err error) {
	rest, ok := strings.CutPrefix(text, "history:")
	if !ok {
		return nil, false, &source.Error{Thing: text, Reason: "not Event history", Hint: "write it like history:us-east-1"}
	}
	if rest == allRegions {
		return nil, true, nil
	}
	if rest == "" {
		return nil, false, nil
	}
	for r := range strings.SplitSeq(rest, ",") {
		if !isRegion(r) {
			return nil, false, &source.Error{
				Thing: text, Reason: "not a Region: " + r, Hint: "write it like history:us-east-1,eu-west-1 or history:all",
			}
		}
		regions = append(regions, r)
	}
	return regions, false, nil
}

// allRegions stands for all Regions in a place.
const allRegions = "all"

// isRegion accepts names like us-east-1 and us-gov-west-1: whatever else would end in host names and keys.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return len(parts) >= 3 && len(s) <= 32
}

// DefaultRegions are asked where none is named: the profile's, and the one in which the partition records events of
// global services.
func DefaultRegions(profileRegion, partition string) []string {
	global := aws.GlobalRegion(partition)
	if profileRegion == "" || profileRegion == global {
		return []string{global}
	}
	return []string{profileRegion, global}
}
