package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// An Intake is what a bringing in tells the screen, and asks of it. All of its functions may be called from any
// goroutine.
type Intake struct {
	// Progress is how far it is.
	Progress func(index.Progress)
	// Choose shows what could be brought in and waits for what of it is wanted: ErrNotWanted where the person leaves, else
	// the context's error.
	Choose func(ctx context.Context, o Offer) (Pick, error)
	// Ask wants Choose to be called though nothing is too much.
	Ask bool
}

// ErrNotWanted is that the person left the choice of what to bring in.
var ErrNotWanted = errors.New("nothing was chosen, nothing brought in")

// An Offer is what AWS places have and the store lacks, before any of it is fetched.
type Offer struct {
	Places string // in words; text from outside
	Cells  []Cell
	Lists  int // listings it took
	Held   int // log files that are held already, not in Cells
	// Archived objects must be restored before they can be read.
	Archived int
	// Limit is --max-bytes; 0: none.
	Limit int64
	// Price is about what fetching costs in US dollars: requests, and transfer where the reader is outside of AWS.
	Price func(objects int, bytes int64) (requests, transfer float64)
}

// A Cell is what was delivered on a day for an account and Region. Its texts are from outside: escape before showing.
type Cell struct {
	Where
	Objects int
	Bytes   int64
}

// Where names a cell; it is comparable. What a key does not tell is "".
type Where struct {
	Account, Region string
	Day             time.Time // of delivery, midnight UTC
}

// A Pick is what of an offer is wanted.
type Pick map[Where]bool

// Total sums up what a pick takes of the offer; a nil pick takes all.
func (o *Offer) Total(p Pick) (objects int, bytes int64) {
	for i := range o.Cells {
		if p == nil || p[o.Cells[i].Where] {
			objects += o.Cells[i].Objects
			bytes += o.Cells[i].Bytes
		}
	}
	return objects, bytes
}

// TooMuch reports whether the offer is above its limit.
func (o *Offer) TooMuch() bool {
	_, bytes := o.Total(nil)
	return o.Limit > 0 && bytes > o.Limit
}

// Sort puts the cells in order: newest day first, then account, Region.
func (o *Offer) Sort() {
	slices.SortFunc(o.Cells, func(a, b Cell) int {
		return cmp.Or(b.Day.Compare(a.Day), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
}

// Cost writes about how many US dollars something costs: "about $0.42", "less than $0.01".
func Cost(amount float64) string {
	if amount > 0 && amount < 0.01 {
		return "less than $0.01"
	}
	return "about " + Dollars(amount)
}

// Dollars writes an amount of US dollars: $0.42, <$0.01.
func Dollars(amount float64) string {
	switch {
	case amount <= 0:
		return "$0"
	case amount < 0.01:
		return "<$0.01"
	case amount < 100:
		return fmt.Sprintf("$%.2f", amount)
	}
	return "$" + text.Count(int(amount+0.5))
}
