package cli

import (
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// flags are the values of all flags; every command takes the sets it needs.
type flags struct {
	index                     string
	offline, noState, quiet   bool
	yes, noColor, ascii       bool
	wait                      bool
	from, to                  string
	profile, region, endpoint string
	roleARNs                  []string
	requestPayer              bool
	lookupRate                float64
	accounts                  accountList // empty: all
	regions                   regionList
	types                     logTypes // empty: all
	maxBytes, minFree         sizeFlag // bytes; 0: no limit
	dryRun, noKeep, follow    bool
	in                        []string
	format                    string
	fields                    []string
	limit                     int // of search: events
	values                    int // of facets: a default of its own, so a variable of its own
	reverse, count, failEmpty bool
	bucket                    string
	unusedFor                 string
	publicKeys                string
	events                    int
	out                       string
	theme, osc52, session     string
}

// common are the flags of every command.
func (f *flags) common(s *pflag.FlagSet) {
	s.SortFlags = false
	s.StringVar(&f.index, "index", "", "store `FILE` to use (default: one per set of places; $TRAILSIFT_INDEX)")
	s.BoolVar(&f.wait, "wait", false, "wait as long as another process has the store (default: 2 s)")
	s.BoolVar(&f.offline, "offline", false, "never open a connection")
	s.BoolVar(&f.noState, "no-state", false, "leave nothing behind: a temporary store, no record of this run")
	s.BoolVar(&f.quiet, "quiet", false, "no progress and no notes on standard error")
	s.BoolVar(&f.yes, "yes", false, "answer yes to questions")
	s.BoolVar(&f.noColor, "no-color", false, "no colour (also: NO_COLOR)")
	s.BoolVar(&f.ascii, "ascii", false, "draw with ASCII only")
}

// client are the flags that say as whom and where AWS is asked.
func (f *flags) client(s *pflag.FlagSet) {
	s.SortFlags = false
	s.StringVar(&f.profile, "profile", "", "AWS profile")
	s.StringVar(&f.region, "region", "", "AWS Region of the client")
	s.StringVar(&f.endpoint, "endpoint-url", "", "AWS endpoint `URL` (also: AWS_ENDPOINT_URL)")
	s.StringArrayVar(&f.roleARNs, "role-arn", nil, "`ARN` of a role to assume (repeatable: one an account)")
}

// places are the flags of commands that bring events in.
func (f *flags) places(s *pflag.FlagSet) {
	f.client(s)
	s.BoolVar(&f.requestPayer, "request-payer", false, "s3: pay for requests and transfer of a bucket that is Requester Pays")
	s.Float64Var(&f.lookupRate, "lookup-rate", 2.0, "history: requests a second and Region")
}

// which are the flags that say which log files are meant.
func (f *flags) which(s *pflag.FlagSet) {
	s.SortFlags = false
	s.Var(&f.accounts, "accounts", "only these `ACCOUNTS`: 111122223333,444455556666 (default: all found)")
	s.Var(&f.regions, "regions", "only these `REGIONS`: us-east-1,eu-west-1 (default: all found)")
	s.Var(&f.types, "types", "only these `TYPES` of log file: "+strings.Join(typeNames(), ", ")+" (default: all found)")
}

// guard are the flags of commands that may bring in much.
func (f *flags) guard(s *pflag.FlagSet) {
	s.SortFlags = false
	f.maxBytes = defaultMaxBytes
	s.Var(&f.maxBytes, "max-bytes", "stop before the first request where a listing of AWS is above `SIZE`: 500MB, 12GB; 0: no limit")
	s.BoolVar(&f.dryRun, "dry-run", false, "say what would be asked of AWS (objects, bytes, requests, price), fetch nothing")
	s.BoolVar(&f.noKeep, "no-keep", false, "do not keep delivered bytes of AWS places: offline verify and index extract are lost,\nand records are asked for again when they are read")
	f.room(s)
}

// room is the flag of commands that write much.
func (f *flags) room(s *pflag.FlagSet) {
	f.minFree = defaultMinFree
	s.Var(&f.minFree, "min-free", "stop where less than `SIZE` is free on the disk of the store; 0: no limit")
}

// following is the flag of commands that go on as new events arrive.
func (f *flags) following(s *pflag.FlagSet) {
	s.BoolVar(&f.follow, "follow", false, "go on as new events arrive")
}

// proof is the flag of commands that verify.
func (f *flags) proof(s *pflag.FlagSet) {
	s.StringVar(&f.publicKeys, "public-keys", "", "`FILE` or folder of keys as aws cloudtrail list-public-keys prints them")
}

// answer are the flags of commands that answer a question about events.
func (f *flags) answer(s *pflag.FlagSet) {
	s.SortFlags = false
	s.StringVar(&f.from, "from", "", "event `TIME` from: RFC 3339, a date, 15:04, -2h, 7d, now, end-2h")
	s.StringVar(&f.to, "to", "", "event `TIME` to, not included")
	s.StringVar(&f.from, "start-time", "", "same as --from")
	s.StringVar(&f.to, "end-time", "", "same as --to")
	s.Lookup("start-time").Hidden = true
	s.Lookup("end-time").Hidden = true
}

// ask are the flags of search, facets and timeline.
func (f *flags) ask(s *pflag.FlagSet, formats string) {
	s.SortFlags = false
	s.StringArrayVarP(&f.in, "in", "i", nil, "bring this `PLACE` in first, then answer (repeatable)")
	s.StringVar(&f.format, "format", "", "output: "+formats)
	f.answer(s)
	f.places(s)
}

// Time limits in words for help and errors.
const progressEvery = 5 * time.Second
