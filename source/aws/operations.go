package aws

import (
	"context"
	"slices"

	smithymiddleware "github.com/aws/smithy-go/middleware"

	"github.com/trailsift/trailsift/source"
)

// Places an operation is called for, as people write them; each has a policy of its own in docs/permissions.md.
const (
	PlaceS3          = "s3://"
	PlaceTrail       = "trail:"
	PlaceHistory     = "history:"
	PlaceHistoryAll  = "history:all"
	PlaceEncrypted   = "encrypted logs" // of s3:// and trail:
	PlaceVerify      = "verify"         // public keys
	PlaceRole        = "--role-arn"
	PlaceCredentials = "credentials" // what the AWS config files ask for
)

// An Operation is one that trailsift may call. None of them changes anything: a session refuses every other.
type Operation struct {
	Service string // the SDK's name of the service: "S3"; "" where it is never called directly
	Name    string // as in CloudTrail's eventName: "ListObjectsV2"
	// Action is the IAM permission it needs: "s3:ListBucket"; "" for none.
	Action string
	// Resource is what the permission is needed on, with BUCKET, PREFIX, ACCOUNT, REGION and the like to be filled in;
	// "*" where IAM knows no other.
	Resource string
	// Statement is the Sid of the policy statement that allows it, in docs/permissions.md; "" where none is needed.
	Statement string
	Places    []string
	Commands  []string // "sync", "verify", "trails" …; those that bring places in are bringIn
	Why       string   // in one line
	// Optional is true where a refusal only takes something away.
	Optional bool
}

var (
	// bringIn are the commands that bring places in; archive those that read log files of a bucket or trail.
	bringIn = []string{"explorer", "sync", "search", "facets", "timeline", "coverage"}
	archive = append(slices.Clone(bringIn), "verify")
	anyAWS  = append(slices.Clone(archive), "trails")
)

// operations is the table: whatever is missing here is refused by every session, docs/permissions.md and "trailsift help
// permissions" are made of it, and tests compare it with the calls in the source.
var operations = []Operation{
	{
		Service: "S3", Name: "HeadBucket", Action: "s3:ListBucket", Resource: "arn:aws:s3:::BUCKET", Statement: "ArchiveList",
		Places: []string{PlaceS3, PlaceTrail}, Commands: archive,
		Why: "the Region of the bucket; a refusal names it, too", Optional: true,
	},
	{
		Service: "S3", Name: "ListObjectsV2", Action: "s3:ListBucket", Resource: "arn:aws:s3:::BUCKET", Statement: "ArchiveList",
		Places: []string{PlaceS3, PlaceTrail}, Commands: archive,
		Why: "which log files and digests there are",
	},
	{
		Service: "S3", Name: "GetObject", Action: "s3:GetObject", Resource: "arn:aws:s3:::BUCKET/PREFIX/*", Statement: "ArchiveRead",
		Places: []string{PlaceS3, PlaceTrail}, Commands: archive,
		Why: "the log files and digests themselves",
	},
	{
		Name: "Decrypt", Action: "kms:Decrypt", Resource: "arn:aws:kms:REGION:ACCOUNT:key/KEY", Statement: "ArchiveDecrypt",
		Places: []string{PlaceEncrypted}, Commands: archive,
		Why: "S3 decrypts on behalf of the reader where the trail uses a KMS key; the key policy has to allow it as well",
	},
	{
		Service: "CloudTrail", Name: "DescribeTrails", Action: "cloudtrail:DescribeTrails", Resource: "*", Statement: "Trails",
		Places: []string{PlaceTrail}, Commands: anyAWS,
		Why: "trails of a Region, where they deliver and how they are set up",
	},
	{
		Service: "CloudTrail", Name: "ListTrails", Action: "cloudtrail:ListTrails", Resource: "*", Statement: "Trails",
		Places: []string{PlaceTrail}, Commands: anyAWS,
		Why: "trails of all Regions by name and home Region",
	},
	{
		Service: "CloudTrail", Name: "GetTrail", Action: "cloudtrail:GetTrail", Resource: "arn:aws:cloudtrail:*:ACCOUNT:trail/*", Statement: "TrailDetails",
		Places: []string{PlaceTrail}, Commands: anyAWS,
		Why: "one trail named by its ARN",
	},
	{
		Service: "CloudTrail", Name: "GetTrailStatus", Action: "cloudtrail:GetTrailStatus", Resource: "arn:aws:cloudtrail:*:ACCOUNT:trail/*", Statement: "TrailDetails",
		Places: []string{PlaceTrail}, Commands: []string{"trails", "explorer"}, Optional: true,
		Why: "whether it is logging now, its last delivery and errors",
	},
	{
		Service: "CloudTrail", Name: "GetEventSelectors", Action: "cloudtrail:GetEventSelectors", Resource: "arn:aws:cloudtrail:*:ACCOUNT:trail/*", Statement: "TrailDetails",
		Places: []string{PlaceTrail}, Commands: []string{"trails", "explorer"}, Optional: true,
		Why: "which events it records",
	},
	{
		Service: "CloudTrail", Name: "GetInsightSelectors", Action: "cloudtrail:GetInsightSelectors", Resource: "arn:aws:cloudtrail:*:ACCOUNT:trail/*", Statement: "TrailDetails",
		Places: []string{PlaceTrail}, Commands: []string{"trails", "explorer"}, Optional: true,
		Why: "whether Insights are on",
	},
	{
		Service: "Organizations", Name: "DescribeOrganization", Action: "organizations:DescribeOrganization", Resource: "*", Statement: "Organization",
		Places: []string{PlaceTrail}, Commands: anyAWS, Optional: true,
		Why: "the id of the organisation, which stands in the keys of an organisation trail",
	},
	{
		Service: "CloudTrail", Name: "ListPublicKeys", Action: "cloudtrail:ListPublicKeys", Resource: "*", Statement: "PublicKeys",
		Places: []string{PlaceVerify}, Commands: archive,
		Why: "the public keys that digests are verified with, where the place has digests",
	},
	{
		Service: "CloudTrail", Name: "LookupEvents", Action: "cloudtrail:LookupEvents", Resource: "*", Statement: "History",
		Places: []string{PlaceHistory, PlaceHistoryAll}, Commands: bringIn,
		Why: "Event history, at most two requests a second and Region",
	},
	{
		Service: "Account", Name: "ListRegions", Action: "account:ListRegions", Resource: "*", Statement: "Regions",
		Places: []string{PlaceHistoryAll, PlaceTrail}, Commands: anyAWS, Optional: true,
		Why: "which Regions are enabled, also where ListTrails is refused; refused itself, a built-in list is used",
	},
	{
		Service: "STS", Name: "GetCallerIdentity", Resource: "*",
		Places: []string{PlaceHistory, PlaceHistoryAll, PlaceTrail, PlaceVerify}, Commands: anyAWS,
		Why: "whose Event history, trails and public keys they are; needs no permission",
	},
	{
		Service: "STS", Name: "AssumeRole", Action: "sts:AssumeRole", Resource: "arn:aws:iam::ACCOUNT:role/ROLE", Statement: "Roles",
		Places: []string{PlaceRole, PlaceCredentials}, Commands: anyAWS,
		Why: "the roles of --role-arn, and a profile that names a role",
	},
	{
		Service: "STS", Name: "AssumeRoleWithWebIdentity", Places: []string{PlaceCredentials},
		Commands: anyAWS,
		Why:      "a profile or environment with a web identity token",
	},
	{
		Service: "SSO", Name: "GetRoleCredentials", Places: []string{PlaceCredentials},
		Commands: anyAWS,
		Why:      "a profile with IAM Identity Center, after aws sso login",
	},
	{
		Service: "SSO OIDC", Name: "CreateToken", Places: []string{PlaceCredentials},
		Commands: anyAWS,
		Why:      "renews the token of aws sso login",
	},
	{
		Service: "Signin", Name: "CreateOAuth2Token", Places: []string{PlaceCredentials},
		Commands: anyAWS,
		Why:      "renews the token of aws login",
	},
}

// Operations is the table of all operations trailsift calls, the caller's own copy.
func Operations() []Operation { return slices.Clone(operations) }

// guard refuses operations that are not in the table, before anything is sent: read-only is a property of the program,
// not of the care of its authors.
func guard(s *stack) error {
	container := s.ID() == containerCredentials
	return s.Initialize.Add(smithymiddleware.InitializeMiddlewareFunc("trailsift read-only",
		func(ctx context.Context, in smithymiddleware.InitializeInput, next smithymiddleware.InitializeHandler) (
			smithymiddleware.InitializeOutput, smithymiddleware.Metadata, error,
		) {
			service, name := smithymiddleware.GetServiceID(ctx), smithymiddleware.GetOperationName(ctx)
			if !permitted(service, name) && (service != "" || !container) {
				return smithymiddleware.InitializeOutput{}, smithymiddleware.Metadata{}, &source.Error{
					Thing: service + " " + name, Reason: "trailsift does not call it: not in its list of read-only operations",
					Hint: "this is a fault of trailsift; trailsift help permissions lists what it calls",
				}
			}
			return next.HandleInitialize(ctx, in)
		}), smithymiddleware.Before)
}

func permitted(service, name string) bool {
	return slices.ContainsFunc(operations, func(o Operation) bool { return o.Service == service && o.Name == name && service != "" })
}
