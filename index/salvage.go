package index

import "github.com/trailsift/trailsift/source"

// salvage marks the documents from doc on. Damage to a log file is often found when records before it were added
// already; all of its records count as salvaged (source.Stats).
func (b *builder) salvage(doc int) {
	f := &b.fields[fieldSalvaged]
	code := f.terms.add([]byte("true"))
	for ; doc < len(b.docs); doc++ {
		b.docs[doc].flags |= byte(source.Salvaged)
		f.codes[doc] = code
	}
}
