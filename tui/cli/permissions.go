package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/source/aws"
)

// permissionsTopic is "trailsift help permissions".
func permissionsTopic() *cobra.Command {
	return &cobra.Command{Use: "permissions", Short: "What AWS has to allow, and which calls are made", Long: strings.TrimSuffix(Permissions(), "\n")}
}

// policyPlaces are the places with a policy of their own.
var policyPlaces = []struct{ place, title, note string }{
	{
		aws.PlaceS3, "s3://BUCKET/PREFIX",
		"A bucket without a prefix: leave PREFIX/ out. To narrow the listing to the prefix, add to ArchiveList\n" +
			"\"Condition\": {\"StringLike\": {\"s3:prefix\": [\"PREFIX\", \"PREFIX/*\"]}}; the Region is then told by the refusal of\n" +
			"HeadBucket. A bucket of another account has to allow the same in its bucket policy.",
	},
	{
		aws.PlaceEncrypted, "log files encrypted with a KMS key",
		"In addition to those of the bucket, where the trail has a KMS key. The key is in the Region of the bucket.",
	},
	{
		aws.PlaceTrail, "trail:NAME and trailsift trails",
		"The list of trails alone needs no Archive statements. AWS's own policy AWSCloudTrail_ReadOnlyAccess has the others.",
	},
	{aws.PlaceHistory, "history:REGION", ""},
	{aws.PlaceHistoryAll, "history:all", ""},
	{
		aws.PlaceVerify, "public keys, to verify digests",
		"In addition to those of the place, also where a place with digests is brought in. With --public-keys FILE nothing is\nasked.",
	},
	{
		aws.PlaceRole, "--role-arn ROLE",
		"For the identity one begins as; the role itself needs the statements of the places, and a trust policy that lets\nthis identity in. The session is named trailsift.",
	},
}

// Permissions is the text of docs/permissions.md and of "trailsift help permissions", made of the table of operations.
func Permissions() string {
	var b strings.Builder
	b.WriteString(`# Permissions

trailsift reads and changes nothing in AWS. The operations on this page are all it calls: each request is
checked against this list before it is sent, and any other is refused by trailsift itself.

With --offline it makes no call at all. Without a place of AWS (s3:, trail:, history:) it makes none either.

## Policies

The least each place needs. BUCKET, PREFIX, ACCOUNT, REGION, KEY and ROLE stand for your own; in other
partitions ARNs begin with arn:aws-cn, arn:aws-us-gov and so on. Statements of several places may stand in
one policy.
`)
	for _, p := range policyPlaces {
		fmt.Fprintf(&b, "\n### %s\n\n```json\n%s```\n", p.title, policyOf(p.place))
		if p.note != "" {
			b.WriteString("\n" + p.note + "\n")
		}
		b.WriteString("\n" + callsOfPlace(p.place))
	}
	b.WriteString("\n## Credentials\n\nAs the AWS CLI has them. What the config files ask for may call, without a permission of its own:\n\n")
	for _, o := range aws.Operations() {
		if slices.Contains(o.Places, aws.PlaceCredentials) {
			fmt.Fprintf(&b, "- %s %s: %s\n", o.Service, o.Name, o.Why)
		}
	}
	b.WriteString("\nand, on machines of AWS, the metadata service or the container's endpoint for credentials.\n")
	b.WriteString("\n## Calls of each command\n\nAt most these, and of them only what the places named need; every other command makes none.\n\n")
	writeCommands(&b)
	b.WriteString(`
search, facets and timeline make them for the places given with --in alone. explorer is trailsift PLACE.

## Finding these calls again

Every request, those to STS among them, has trailsift/VERSION in its user agent:

    trailsift search --in history: 'userAgent:*trailsift/*'

LookupEvents, ListTrails, AssumeRole and the like are management events: Event history and each trail that
records reads have them. ListObjectsV2, HeadBucket and GetObject are data events, which a trail records only
where it is told to; else S3's server access logs name them. Sessions of --role-arn are session:trailsift.
`)
	return b.String()
}

// A statement is one of a policy.
type statement struct {
	sid, resource string
	actions       []string
}

// policyOf is the policy of a place: a statement for each Sid of its operations.
func policyOf(place string) string {
	var all []*statement
	for _, o := range aws.Operations() {
		if o.Statement == "" || !slices.Contains(o.Places, place) {
			continue
		}
		i := slices.IndexFunc(all, func(s *statement) bool { return s.sid == o.Statement })
		if i < 0 {
			i = len(all)
			all = append(all, &statement{sid: o.Statement, resource: o.Resource})
		}
		if !slices.Contains(all[i].actions, o.Action) {
			all[i].actions = append(all[i].actions, o.Action)
		}
	}
	var b strings.Builder
	b.WriteString("{\"Version\": \"2012-10-17\", \"Statement\": [\n")
	for i, s := range all {
		fmt.Fprintf(&b, "  {\"Sid\": %q, \"Effect\": \"Allow\",\n   \"Action\": [\"%s\"],\n   \"Resource\": %q}", s.sid, strings.Join(s.actions, `", "`), s.resource)
		if i < len(all)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	return b.String() + "]}\n"
}

// callsOfPlace says why each operation of a place is called.
func callsOfPlace(place string) string {
	var b strings.Builder
	for _, o := range aws.Operations() {
		if !slices.Contains(o.Places, place) {
			continue
		}
		fmt.Fprintf(&b, "- %s: %s", callName(o), o.Why)
		switch {
		case o.Action == "":
		case o.Optional:
			fmt.Fprintf(&b, " (%s, may be refused)", o.Statement)
		default:
			fmt.Fprintf(&b, " (%s)", o.Statement)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func callName(o aws.Operation) string {
	if o.Service == "" {
		return "KMS " + o.Name
	}
	return o.Service + " " + o.Name
}

// writeCommands lists which calls the commands make, those with the same calls together.
func writeCommands(b *strings.Builder) {
	var names, calls []string
	for _, o := range aws.Operations() {
		for _, name := range o.Commands {
			if !slices.Contains(names, name) {
				names, calls = append(names, name), append(calls, strings.Join(CallsOf(name), ", "))
			}
		}
	}
	for i, c := range calls {
		if slices.Index(calls, c) < i {
			continue
		}
		var same []string
		for j := i; j < len(calls); j++ {
			if calls[j] == c {
				same = append(same, names[j])
			}
		}
		fmt.Fprintf(b, "- %s: %s\n", strings.Join(same, ", "), c)
	}
}

// CallsOf are the operations that a command may call, those that get credentials left out.
func CallsOf(command string) (calls []string) {
	for _, o := range aws.Operations() {
		onlyCredentials := len(o.Places) == 1 && o.Places[0] == aws.PlaceCredentials
		if o.Service != "" && !onlyCredentials && slices.Contains(o.Commands, command) {
			calls = append(calls, o.Name)
		}
	}
	return calls
}
