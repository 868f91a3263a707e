package index

import "github.com/trailsift/trailsift/source"

// The builder of a segment has numbered most leaves of a record already. A number whose text is in the block is looked up
// in a table; nothing is hashed or compared.

// otherLeaves are the leaves outside userIdentity that have no number of their own and are not worked out of several
// values.
var otherLeaves = [...]source.Leaf{
	source.LeafEventVersion, source.LeafErrorMessage, source.LeafRecipientAccount, source.LeafAccountID, source.LeafTimestamp,
	source.LeafConsoleCredential, source.LeafAddendumReason, source.LeafAddendumOriginal, source.LeafMFAUsed, source.LeafLoginUserName,
}

// numberedLeaves are those that have one: by the field, in lastEvent.texts.
var numberedLeaves = [...]struct {
	field int
	leaf  source.Leaf
}{
	{mustField("ip"), source.LeafSourceIP},
	{mustField("agent"), source.LeafUserAgent},
	{mustField("region"), source.LeafAWSRegion},
	{mustField("vpce"), source.LeafVPCEndpoint},
	{mustField("host"), source.LeafHostHeader},
}

// heldTexts says by number which texts are in the block.
type heldTexts struct {
	generation int // of the builder that gave the numbers
	block      uint32
	calls      stamps
	texts      [len(numberedLeaves)]stamps
}

// forget starts another block.
func (h *heldTexts) forget() { h.block++ }

// stamps hold, by number, one more than the block that has its text.
type stamps []uint32

// fresh is true the first time a number is seen in a block.
func (s *stamps) fresh(number, block uint32) bool {
	for int(number) >= len(*s) {
		*s = append(*s, make([]uint32, len(*s)+64)...)
	}
	if (*s)[number] == block+1 {
		return false
	}
	(*s)[number] = block + 1
	return true
}

// leaves adds the leaves of a record outside userIdentity.
func (b *tokenBuilder) leaves(e *source.Event, last *lastEvent) {
	h := &b.held
	if h.generation != last.generation {
		h.generation = last.generation
		h.forget()
	}
	if h.calls.fresh(last.call, h.block) {
		for _, l := range callLeaves {
			b.text(e.Text(l))
		}
	}
	for i, n := range numberedLeaves {
		if number := last.texts[n.field]; number != 0 && h.texts[i].fresh(number, h.block) {
			b.text(e.Text(n.leaf))
		}
	}
	for _, l := range otherLeaves {
		if text := e.Text(l); len(text) > 0 {
			b.text(text)
		}
	}
	if !last.heldID {
		b.text(e.Text(source.LeafEventID))
	}
	for _, l := range [...]source.Leaf{source.LeafRequestID, source.LeafSharedEventID} {
		if text := e.Text(l); len(text) > 0 {
			if _, held := lowerGUID(text); !held || l == source.LeafSharedEventID {
				b.text(text)
			}
		}
	}
}
