package tui

import (
	"slices"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/widget"
)

// treePlace is where a person is inside of events: the key that was chosen last, whatever events lie between that have
// no such key, and the trees that were shown last, each with its folds and its scroll, so that what is undone brings the
// same lines back.
type treePlace struct {
	wanted []widget.Step // the way to the key that was chosen
	landed []widget.Step // where that led in the event that is shown
	trees  []oldTree     // newest last
}

type oldTree struct {
	ref  index.Ref
	tree *widget.Tree
}

// maxTrees bounds the trees kept; an event has some 10 kB.
const maxTrees = 16

func pathOf(t *widget.Tree) []widget.Step {
	if t == nil || t.Node() == nil {
		return nil
	}
	return t.Node().Path()
}

// leave keeps where a person is in a tree that gives way to another one.
func (p *treePlace) leave(ref index.Ref, t *widget.Tree) {
	if t == nil {
		return
	}
	if at := pathOf(t); !slices.Equal(at, p.landed) {
		p.wanted = at
	}
	p.trees = slices.DeleteFunc(p.trees, func(o oldTree) bool { return o.ref == ref })
	p.trees = append(p.trees, oldTree{ref, t})
	p.trees = p.trees[max(len(p.trees)-maxTrees, 0):]
}

// old is the tree of an event as it was left, where the cursor was on the key that is wanted.
func (p *treePlace) old(ref index.Ref) *widget.Tree {
	for _, o := range p.trees {
		if o.ref == ref && slices.Equal(pathOf(o.tree), p.wanted) {
			return o.tree
		}
	}
	return nil
}

// enter goes to the key that is wanted in a tree that is new.
func (p *treePlace) enter(t *widget.Tree) {
	t.Reveal(p.wanted)
	p.landed = pathOf(t)
}
