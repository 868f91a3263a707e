package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/trail"
)

// registry is the list of stores in the data folder (stores.json): which places each holds and when it was last used.
// It is a convenience; losing it loses no events.
type registry struct {
	Stores []registered `json:"stores"`
	// Accounts remembers which account a profile and endpoint belong to, so that an offline open finds its store.
	Accounts map[string]account `json:"accounts,omitempty"`
	// Trails remembers where the trails of a profile and endpoint deliver, by name and by ARN; see trailKey.
	Trails map[string]trail.Spot `json:"trails,omitempty"`
}

type account struct {
	Account   string `json:"account"`
	Partition string `json:"partition"`
}

type registered struct {
	File   string       `json:"file"`
	Places []namedPlace `json:"places"`
	Used   time.Time    `json:"used"`
}

type namedPlace struct {
	Text   string `json:"text"`
	ID     string `json:"id"`
	Remote bool   `json:"remote,omitempty"`
}

const registryFile = "stores.json"

// loadRegistry reads the list; a missing or damaged one is empty. Stores that are gone are left out.
func loadRegistry(dir string) *registry {
	r := &registry{}
	if b, err := os.ReadFile(filepath.Join(dir, registryFile)); err == nil {
		if json.Unmarshal(b, r) != nil {
			r = &registry{}
		}
	}
	r.Stores = slices.DeleteFunc(r.Stores, func(s registered) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.Base(s.File)))
		return err != nil
	})
	slices.SortStableFunc(r.Stores, func(a, b registered) int { return b.Used.Compare(a.Used) })
	return r
}

func (r *registry) last() (registered, bool) {
	if len(r.Stores) == 0 {
		return registered{}, false
	}
	return r.Stores[0], true
}

// use puts a store at the head of the list.
func (r *registry) use(file string, places []source.Place, now time.Time) {
	entry := registered{File: file, Used: now.UTC()}
	for _, p := range places {
		entry.Places = append(entry.Places, namedPlace{p.Text, p.ID, p.Remote})
	}
	r.remove(file)
	r.Stores = slices.Insert(r.Stores, 0, entry)
}

func (r *registry) remove(file string) {
	r.Stores = slices.DeleteFunc(r.Stores, func(s registered) bool { return s.File == file })
}

// save writes the list atomically, 0600.
func (r *registry) save(dir string) error { return writeFile(filepath.Join(dir, registryFile), r) }

// writeFile writes a document atomically, 0600.
func writeFile(path string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(b, '\n'))
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
