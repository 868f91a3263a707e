package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/digest"
)

// keyBookFile in the data folder holds the public keys that were learned, so that what was verified once can be verified
// again without a connection.
const keyBookFile = "keys.json"

// maxBookKeys bounds the book; AWS changes keys about monthly in each Region.
const maxBookKeys = 10_000

// A keyBook is the public keys learned and where from. A key of an endpoint counts for places of that endpoint, and for
// folders if it is AWS itself; a key from a file of the user for the one store it was given for.
type keyBook struct {
	Keys []bookKey `json:"keys"`
}

type bookKey struct {
	Fingerprint string        `json:"fingerprint"`
	DER         []byte        `json:"value"`
	From        time.Time     `json:"from,omitzero"`
	To          time.Time     `json:"to,omitzero"`
	Endpoint    string        `json:"endpoint,omitempty"`
	Store       string        `json:"store,omitempty"` // absolute path
	Origin      digest.Origin `json:"origin"`
}

func loadKeyBook(dir string) *keyBook {
	b := &keyBook{}
	text, err := os.ReadFile(filepath.Join(dir, keyBookFile))
	if err != nil || json.Unmarshal(text, b) != nil {
		return &keyBook{}
	}
	return b
}

// of are the keys that count for places of an endpoint and a store.
func (b *keyBook) of(endpoint, store string) []*digest.Key {
	var out []*digest.Key
	for _, k := range b.Keys {
		if k.Endpoint != "" && k.Endpoint == endpoint || k.Store != "" && k.Store == store {
			out = append(out, digest.NewKey(k.DER, k.Fingerprint, k.From, k.To, k.Origin))
		}
	}
	return out
}

// add notes keys; those that are there already stay as they are. It reports whether any is new.
func (b *keyBook) add(endpoint, store string, keys []*digest.Key) (changed bool) {
	for _, k := range keys {
		known := slices.ContainsFunc(b.Keys, func(o bookKey) bool {
			return o.Fingerprint == k.Fingerprint && o.Endpoint == endpoint && o.Store == store && slices.Equal(o.DER, k.DER)
		})
		if !known && len(b.Keys) < maxBookKeys {
			b.Keys = append(b.Keys, bookKey{k.Fingerprint, k.DER, k.From, k.To, endpoint, store, k.Origin})
			changed = true
		}
	}
	return changed
}

// learn notes keys in the book, unless nothing may be left behind.
func (c *command) learn(endpoint, store string, keys []*digest.Key) {
	dir, err := c.dataDir()
	if err != nil || c.flag.noState || len(keys) == 0 {
		return
	}
	c.keyLock.Lock()
	defer c.keyLock.Unlock()
	b := loadKeyBook(dir)
	if b.add(endpoint, store, keys) {
		if err := writeFile(filepath.Join(dir, keyBookFile), b); err != nil {
			c.note("the public keys could not be remembered: %s", plain(err))
		}
	}
}

// endpointOf is whose public keys count for a place.
func (c *command) endpointOf(ctx context.Context, p source.Place) string {
	switch kind, rest, _ := strings.Cut(p.ID, ":"); kind {
	case "s3":
		endpoint, _, _ := strings.Cut(rest, "/")
		return endpoint
	case "trail":
		if session, err := c.session(ctx); err == nil {
			return aws.EndpointID(session.Config().BaseEndpoint)
		}
		return ""
	case "demo":
		return ""
	}
	return "aws"
}

// publicKeys are those of --public-keys and of the book; the demo's own key counts for the demo alone. store is that of
// the run, "" for none.
func (c *command) publicKeys(ctx context.Context, src source.Source, store string) (*digest.KeySet, error) {
	keys := &digest.KeySet{}
	if c.flag.publicKeys != "" {
		var err error
		if keys, err = digest.ReadKeys(c.flag.publicKeys); err != nil {
			return nil, err
		}
		if store != "" {
			c.learn("", store, keys.All())
		}
	}
	own, err := demoKeys(src)
	if err != nil {
		return nil, err
	}
	keys.Add(own...)
	for _, w := range keys.Warnings() {
		c.note("warning: %s", w)
	}
	if dir, err := c.dataDir(); err == nil && !c.flag.noState {
		keys.Add(loadKeyBook(dir).of(c.endpointOf(ctx, src.Place()), store)...)
	}
	return keys, nil
}

// demoKeys are the keys of the demo, if that is the place.
func demoKeys(src source.Source) ([]*digest.Key, error) {
	d, ok := src.(*demo.Demo)
	if !ok {
		return nil, nil
	}
	return digest.ParseKeys(d.PublicKeys(), digest.Origin{Text: "the demo's own key, which proves nothing elsewhere"})
}

// asker asks AWS for the public keys of a Region, and notes the answers in the book; nil where no place of AWS is reached
// or the user gave the keys that count.
func (c *command) asker(ctx context.Context, p source.Place) func(ctx context.Context, region string, from, to time.Time) ([]*digest.Key, error) {
	if c.flag.offline || c.flag.publicKeys != "" || !strings.HasPrefix(p.ID, "s3:") && !strings.HasPrefix(p.ID, "trail:") {
		return nil
	}
	session := sync.OnceValues(func() (*aws.Session, error) { return c.session(ctx) })
	whose := sync.OnceValue(func() string {
		s, err := session()
		if err != nil {
			return ""
		}
		who, err := s.Identity(ctx)
		if err != nil {
			return "an account that is not known"
		}
		return who.Account
	})
	endpoint := c.endpointOf(ctx, p)
	return func(ctx context.Context, region string, from, to time.Time) ([]*digest.Key, error) {
		s, err := session()
		if err != nil {
			return nil, err
		}
		keys, err := digest.ListPublicKeys(ctx, s, whose(), region, from, to, c.env.Now())
		c.learn(endpoint, "", keys)
		return keys, err
	}
}
