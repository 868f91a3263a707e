package source

// maxLoose bounds the loose texts kept of a record: 24 bytes each.
const maxLoose = 1 << 14

// Loose are the texts of the record that are no leaf: strings and numbers without a place of their own, and keys that the
// scanner does not know, decoded, in order, some more than once. With the leaves, Identity's text and KnownKeys they are
// all keys, strings and numbers of the record. ok is false where they are not known (repeated keys, rare shapes, records
// larger than 16,384 texts): then Walk has them. Valid as the event is.
func (e *Event) Loose() (texts [][]byte, ok bool) { return e.loose, e.isLoose }

// IdentityText is the JSON text of userIdentity where Identity knows it: its texts are not among the loose ones.
func (e *Event) IdentityText() []byte {
	if e.identity.Serial == 0 {
		return nil
	}
	return e.identityText
}

// KnownKeys are the keys that stand neither in a leaf nor among the loose texts.
func KnownKeys() []string {
	names := make([]string, 0, len(knownKeys))
	for _, k := range knownKeys[1:] {
		names = append(names, k.name)
	}
	return names
}

// IdentityLeaf tells the leaves that lie in userIdentity.
func IdentityLeaf(l Leaf) bool { return l >= identityFirst && l < identityEnd }

// loosen takes the text of a string or number of the record.
func (g *gatherer) loosen(text []byte) {
	if len(g.loose) < maxLoose {
		g.loose = append(g.loose, text)
	} else {
		g.tree = true
	}
}

// loosen takes the string just read, from i to end.
func (s *scanner) loosen(i, end int) {
	if s.g != nil { // a Walker gathers nothing
		s.g.loosen(s.decoded(i, end))
	}
}
