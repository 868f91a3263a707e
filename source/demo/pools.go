package demo

// A pool is a kind of thing that an account has: its instances, buckets, keys. Nothing is kept: thing number i is
// written from its number.
type pool struct {
	name  string
	form  poolForm
	size  int
	head  string   // before the part that differs
	tails []string // poolNamed: after the word
	home  bool     // each thing is in one Region: thing i in Region i modulo their number
}

type poolForm uint8

const (
	poolHexID      poolForm = iota // head + 17 hex digits, per account and Region
	poolUUID                       // a UUID, per account and Region
	poolHex16                      // 16 hex digits, per account and Region
	poolNamed                      // head + word + tail
	poolOwned                      // head + account name + word + tail
	poolGlobalWord                 // one of tails
)

// rolePool is the place of the roles among the pools.
const rolePool = 27

// maxPools bounds len(pools).
const maxPools = 48

const _ = uint(maxPools - len(pools)) // does not compile where there are more

// words are what the company does; services, buckets, queues are named after them.
var words = [...]string{
	"orders", "payments", "catalog", "search", "inventory", "shipping", "identity", "notify", "reports", "ledger",
	"pricing", "fraud", "media", "web", "gateway", "metrics", "ingest", "export", "archive", "billing", "sessions",
	"recommend", "loyalty", "returns",
}

// oddNames are texts of users as they turn up in keys, tags and descriptions: JSON string insides.
var oddNames = [...]string{
	"M\u00fcller & S\u00f6hne (Entw\u00fcrfe)", "\u58f2\u4e0a\u5831\u544a_2026-03", "\ucd5c\uc885_\ucd5c\uc885_v2",
	"Za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105", "r\u00e9sum\u00e9 \u2013 final", "\U0001f680 launch", "\\ud83d\\udd25 hot fix",
	"\u0394\u03bf\u03ba\u03b9\u03bc\u03ae", "line\\nbreak and\\ttab", "quote \\\"inside\\\"", "C:\\\\temp\\\\dump",
	"\u0627\u0644\u062a\u0642\u0631\u064a\u0631", "a\u200bb", "100% + 1 = *",
}

// Heads of names that belong to an account hold its name after them.
var pools = [...]pool{
	{name: "i", form: poolHexID, size: 60, head: "i-"},
	{name: "vol", form: poolHexID, size: 120, head: "vol-"},
	{name: "snap", form: poolHexID, size: 300, head: "snap-"},
	{name: "ami", form: poolHexID, size: 25, head: "ami-"},
	{name: "sg", form: poolHexID, size: 40, head: "sg-"},
	{name: "vpc", form: poolHexID, size: 3, head: "vpc-"},
	{name: "subnet", form: poolHexID, size: 12, head: "subnet-"},
	{name: "eni", form: poolHexID, size: 200, head: "eni-"},
	{name: "rtb", form: poolHexID, size: 9, head: "rtb-"},
	{name: "vpce", form: poolHexID, size: 6, head: "vpce-"},
	{name: "eip", form: poolHexID, size: 14, head: "eipalloc-"},
	{name: "fs", form: poolHexID, size: 8, head: "fs-"},
	{name: "kms", form: poolUUID, size: 24},
	{name: "cert", form: poolUUID, size: 18},
	{name: "esm", form: poolUUID, size: 20},
	{name: "dist", form: poolGlobalWord, size: 3, tails: []string{"E2QWRUHAPOMQZL", "E1ABCDEXAMPLE7", "E3XMPLECDN42QY"}},
	{name: "zone", form: poolGlobalWord, size: 3, tails: []string{"Z0123456EXAMPLE1", "Z0987654EXAMPLE2", "Z04EXAMPLE77AB"}},
	{name: "lbid", form: poolHex16, size: 12},
	{name: "tgid", form: poolHex16, size: 24},
	{name: "bucket", form: poolOwned, size: 48, home: true, head: "examplecorp-", tails: []string{"-data", "-assets"}},
	{name: "func", form: poolNamed, size: 72, tails: []string{"-handler", "-worker", "-stream"}},
	{name: "table", form: poolNamed, size: 48, tails: []string{"", "-events"}},
	{name: "queue", form: poolNamed, size: 48, tails: []string{"-jobs", "-jobs-dlq"}},
	{name: "topic", form: poolNamed, size: 24, tails: []string{"-updates"}},
	{name: "stream", form: poolNamed, size: 24, tails: []string{"-stream"}},
	{name: "secret", form: poolOwned, size: 48, tails: []string{"/database", "/api-key"}},
	{name: "param", form: poolOwned, size: 72, head: "/", tails: []string{"/config", "/feature-flags", "/db-url"}},
	{name: "role", form: poolNamed, size: 72, tails: []string{"-service", "-task", "-node"}},
	{name: "user", form: poolGlobalWord, size: 8, tails: []string{
		"backup-agent", "ci-legacy", "zoe.mueller", "bob-admin", "smtp-relay", "tableau-reader", "svc-inventory-sync", "svc-report-export",
	}},
	{name: "group", form: poolGlobalWord, size: 5, tails: []string{"developers", "admins", "billing", "readonly", "data-science"}},
	{name: "policy", form: poolNamed, size: 48, tails: []string{"-access", "-deploy"}},
	{name: "log", form: poolNamed, size: 72, head: "/aws/lambda/", tails: []string{"-handler", "-worker", "-stream"}},
	{name: "stack", form: poolOwned, size: 48, tails: []string{"-service", "-network"}},
	{name: "cluster", form: poolOwned, size: 6},
	{name: "repo", form: poolNamed, size: 24},
	{name: "db", form: poolOwned, size: 24, tails: []string{"-db"}},
	{name: "alarm", form: poolNamed, size: 72, tails: []string{"-5xx-rate", "-latency-p99", "-queue-depth"}},
	{name: "rule", form: poolNamed, size: 48, tails: []string{"-schedule", "-nightly"}},
	{name: "host", form: poolNamed, size: 24, tails: []string{".example.com"}},
	{name: "sm", form: poolNamed, size: 24, tails: []string{"-workflow"}},
	{name: "word", form: poolGlobalWord, size: len(words), tails: words[:]},
	{name: "itype", form: poolGlobalWord, size: 6, tails: []string{"t3.medium", "m6i.large", "c7g.xlarge", "r6g.2xlarge", "t4g.small", "m7i.4xlarge"}},
	{name: "ext", form: poolGlobalWord, size: 6, tails: []string{"parquet", "json.gz", "csv", "pdf", "jpg", "avro"}},
}

// choose draws the number of a thing that is in the Region; small numbers are used much more.
func (p *pool) choose(r *rng, region int) int {
	if p.home {
		return r.skewed(p.size/len(regions))*len(regions) + region
	}
	return r.skewed(p.size)
}

func (p *pool) append(dst []byte, a *account, region, i int) []byte {
	switch p.form {
	case poolHexID:
		return appendHashed(append(dst, p.head...), p.hash(a, region, i), 17, hexDigits, 4)
	case poolHex16:
		return appendHashed(dst, p.hash(a, region, i), 16, hexDigits, 4)
	case poolUUID:
		h := p.hash(a, region, i)
		return appendUUID(dst, h, mix(h))
	case poolGlobalWord:
		return append(dst, p.tails[i]...)
	case poolOwned:
		dst = append(append(append(dst, p.head...), a.name...), '-')
	case poolNamed:
		dst = append(dst, p.head...)
	}
	dst = append(dst, words[i%len(words)]...)
	if len(p.tails) > 0 {
		dst = append(dst, p.tails[i/len(words)%len(p.tails)]...)
	}
	return dst
}

func (p *pool) hash(a *account, region, i int) uint64 {
	return hash(hashText(p.name), hashText(a.id), uint64(region), uint64(i))
}
