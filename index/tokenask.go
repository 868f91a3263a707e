package index

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A tokenAsk is what the token filters of the whole store say to a query: in which blocks its tokens can be. It never
// changes while a search goes on. nil: anywhere.
type tokenAsk struct {
	all, any []*tokenAsk
	dir      *tokenDir
	blocks   []uint64   // those that perhaps hold the tokens, a bit each
	ids      []guidPart // what a GUID may have in its stead
}

// tokenAsks asks the filters for all steps that read records.
func (v *storeView) tokenAsks(s *step, into map[*step]*tokenAsk) error {
	for _, kid := range s.kids {
		if err := v.tokenAsks(kid, into); err != nil {
			return err
		}
	}
	if s.kind != stepRecord || s.needs.IsEmpty() {
		return nil
	}
	dir, err := v.tokenDir()
	if err != nil {
		return v.x.damaged(err)
	}
	a, err := v.tokenAsk(dir, s.needs)
	if err != nil {
		return v.x.damaged(err)
	}
	into[s] = a
	return nil
}

func (v *storeView) tokenAsk(dir *tokenDir, e query.Evidence) (*tokenAsk, error) {
	a := &tokenAsk{dir: dir}
	for _, kid := range e.All {
		k, err := v.tokenAsk(dir, kid)
		if err != nil {
			return nil, err
		}
		if k != nil {
			a.all = append(a.all, k)
		}
	}
	for _, kid := range e.Any {
		k, err := v.tokenAsk(dir, kid)
		if k == nil || err != nil {
			return nil, err
		}
		a.any = append(a.any, k)
	}
	var hashes []uint64
	hash := newTokenHash(v.x.hashKey)
	for _, token := range e.Tokens {
		if !isCommon(token) {
			hashes = append(hashes, hash.of([]byte(token)))
		}
	}
	if e.Whole != "" {
		hashes = append(hashes, hash.whole([]byte(e.Whole)))
	}
	switch {
	case len(a.all)+len(a.any) > 0:
		return a, nil
	case len(hashes) == 0:
		return nil, nil //nolint:nilnil // nothing to ask is no error
	}
	var err error
	a.blocks, err = dir.holding(v.tx, hashes)
	a.ids = guidParts(e.ID)
	return a, err
}

// isCommon tells tokens that filters need not hold: truth, minutes and seconds, and the keys that the decoder knows.
func isCommon(token string) bool {
	switch {
	case token == "TRUE" || token == "FALSE":
		return true
	case len(token) == 2 || len(token) == 3 && token[2] == 'Z':
		return token[0]-'0' <= 9 && token[1]-'0' <= 9
	}
	return commonKeys[token]
}

var commonKeys = func() map[string]bool {
	keys := map[string]bool{}
	var f query.Folder
	for _, name := range source.KnownKeys() {
		for token := range bytes.SplitSeq(f.Fold([]byte(name)), []byte{0}) {
			keys[string(token)] = true
		}
	}
	return keys
}()

// A guidPart is bytes of a packed GUID.
type guidPart struct {
	from int
	want []byte
}

func (p guidPart) in(packed []byte) bool {
	return bytes.Equal(packed[p.from:p.from+len(p.want)], p.want)
}

// guidParts are the places at which a text of hexadecimal digits and hyphens can stand in a GUID from token border to
// token border.
func guidParts(text string) (parts []guidPart) {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if text == "" {
		return nil
	}
	border := func(at int) bool { return at == 0 || at == len(form) || form[at] == '-' || form[at-1] == '-' }
	for at := 0; at+len(text) <= len(form); at++ {
		fits := border(at) && border(at+len(text))
		for i := range len(text) {
			fits = fits && (text[i] == '-') == (form[at+i] == '-')
		}
		if !fits {
			continue
		}
		want, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
		if err == nil {
			parts = append(parts, guidPart{strings.Count(form[:at], "x") / 2, want})
		}
	}
	return parts
}

// holding is the documents of the segment that can hold what is asked for; nil: all.
func (e *evaluator) holding(a *tokenAsk) []uint64 {
	if a == nil {
		return nil
	}
	var out []uint64
	for _, kid := range a.all {
		words := e.holding(kid)
		switch {
		case words == nil:
		case out == nil:
			out = words
		default:
			andWords(out, words)
			e.release(words)
		}
	}
	if len(a.any) > 0 {
		some := e.none()
		for _, kid := range a.any {
			words := e.holding(kid)
			if words == nil {
				e.release(some)
				some = nil
				break
			}
			orWords(some, words)
			e.release(words)
		}
		if out == nil {
			return some
		}
		if some != nil {
			andWords(out, some)
			e.release(some)
		}
	}
	if a.blocks != nil {
		return e.inBlocks(a)
	}
	return out
}

// inBlocks is the documents in blocks that hold the tokens, in log files without filters, and those whose ids hold them.
func (e *evaluator) inBlocks(a *tokenAsk) []uint64 {
	files := e.seg.dir.files
	whole, part := newCodeSet(files), newCodeSet(files)
	spans := map[uint32][]dirSpan{}
	for code := uint32(1); code <= uint32(files); code++ {
		f, _ := e.seg.fileAt(code)
		of := a.dir.of(f.no)
		n := 0
		for _, s := range of {
			n += int(a.blocks[s.block/wordBits] >> (s.block % wordBits) & 1)
		}
		switch {
		case n == len(of):
			whole.add(code)
		case n > 0:
			part.add(code)
			spans[code] = of
		}
	}
	if len(whole.codes) == files {
		return nil
	}
	words := e.none()
	local := e.seg.files()
	if len(whole.codes) > 0 {
		local.gather(words, whole)
	}
	if len(part.codes) > 0 {
		e.inParts(words, a, local, part, spans)
	}
	if len(a.ids) > 0 {
		e.withIDs(words, a.ids)
	}
	return words
}

// inParts adds the documents of log files of which some blocks hold the tokens.
func (e *evaluator) inParts(words []uint64, a *tokenAsk, local column, part *codeSet, spans map[uint32][]dirSpan) {
	some := e.none()
	local.gather(some, part)
	position := e.seg.numbers(partPos, e.docs)
	eachBit(some, func(doc uint32) {
		at := uint32(position.at(doc))
		for _, s := range spans[local.code(doc)] {
			if at >= s.from && at <= s.to && a.blocks[s.block/wordBits]>>(s.block%wordBits)&1 == 0 {
				return
			}
		}
		setRange(words, int(doc), int(doc)+1)
	})
	e.release(some)
}

// withIDs adds the documents whose eventID or requestID, a GUID that no filter holds, has one of the parts.
func (e *evaluator) withIDs(words []uint64, parts []guidPart) {
	if whole := [16]byte(append(parts[0].want, make([]byte, 16)...)); len(parts[0].want) == 16 {
		e.seg.findID(whole, func(doc uint32) { setRange(words, int(doc), int(doc)+1) })
	} else {
		for ids, doc := e.seg.ids(), 0; len(ids) >= 16; ids, doc = ids[16:], doc+1 {
			if hasPart(ids[:16], parts) {
				setRange(words, doc, doc+1)
			}
		}
	}
	dict := e.seg.terms(fieldRequest)
	codes := newCodeSet(dict.len())
	dict.eachGUID(parts, func(code uint32) { codes.add(code) })
	if len(codes.codes) > 0 {
		e.seg.column(fieldRequest).gather(words, codes)
	}
}

func hasPart(packed []byte, parts []guidPart) bool {
	for _, p := range parts {
		if p.in(packed) {
			return true
		}
	}
	return false
}

// eachGUID visits the codes of the packed GUIDs that have one of the parts.
func (d termDict) eachGUID(parts []guidPart, visit func(code uint32)) {
	if len(parts[0].want) == 16 {
		if i := d.searchGUID([16]byte(parts[0].want)); i < d.guids && parts[0].in(d.packed[16*i:16*i+16]) {
			visit(uint32(i + 1))
		}
		return
	}
	for i := range d.guids {
		if hasPart(d.packed[16*i:16*i+16], parts) {
			visit(uint32(i + 1))
		}
	}
}
