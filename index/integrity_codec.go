package index

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"
)

// fileChunk is how many FileVerdicts stand in one value: some 40 bytes each, looked up by inflating one value.
const fileChunk = 512

// maxReport bounds what one value of a report may inflate to.
const maxReport = 1 << 30

// A packer compresses and inflates the values of reports. Not for concurrent use.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func (p *packer) pack(data []byte) (value []byte, err error) {
	if p.enc == nil {
		p.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return nil, err
		}
	}
	return seal(p.enc.EncodeAll(data, nil)), nil
}

func (p *packer) unpack(value []byte) (data []byte, err error) {
	if value, err = unseal(value); err != nil {
		return nil, err
	}
	if p.dec == nil {
		if p.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxReport)); err != nil {
			return nil, err
		}
	}
	return p.dec.DecodeAll(value, nil)
}

func hexSum(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

// appendTime encodes any time, the zero one too, to the nanosecond.
func appendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(append(dst, 1), t.Unix())
	return binary.AppendUvarint(dst, uint64(t.Nanosecond()))
}

func (r *reader) time() time.Time {
	if known := r.bytes(1); r.err != nil || known[0] == 0 {
		return time.Time{}
	}
	sec := r.int64()
	return time.Unix(sec, int64(r.int())).UTC()
}

// texts are the texts that repeat in a report, so that each is held once.
type texts map[string]string

func (t texts) read(r *reader) string {
	b := r.bytes(r.int())
	if s, ok := t[string(b)]; ok {
		return s
	}
	s := string(b)
	t[s] = s
	return s
}

func appendFlag(dst []byte, yes bool) []byte {
	if yes {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func (r *reader) flag() bool {
	b := r.bytes(1)
	return r.err == nil && b[0] != 0
}

// appendFile encodes one FileVerdict. Of most, computed is what was expected.
func appendFile(dst []byte, f *FileVerdict) []byte {
	dst = appendFlag(appendText(dst, f.Key), f.Digest)
	dst = appendFlag(appendText(dst, f.Expected), f.Computed == f.Expected)
	if f.Computed != f.Expected {
		dst = appendText(dst, f.Computed)
	}
	for _, s := range []string{f.Verdict, f.Class, f.Reason, f.KeySource} {
		dst = appendText(dst, s)
	}
	return appendTime(appendTime(dst, f.Oldest), f.Newest)
}

func (r *reader) file(t texts) (f FileVerdict) {
	f.Key, f.Digest = r.text(), r.flag()
	f.Expected = r.text()
	if f.Computed = f.Expected; !r.flag() {
		f.Computed = r.text()
	}
	f.Verdict, f.Class, f.Reason, f.KeySource = t.read(r), t.read(r), t.read(r), t.read(r)
	f.Oldest, f.Newest = r.time(), r.time()
	return f
}

// encodeReport encodes all but the files.
func encodeReport(p *packer, rep *Integrity) ([]byte, error) {
	b := appendText([]byte{1}, rep.Place)
	for _, t := range []time.Time{rep.Checked, rep.From, rep.To} {
		b = appendTime(b, t)
	}
	b = binary.AppendUvarint(b, uint64(len(rep.Files)))
	b = binary.AppendUvarint(b, uint64(len(rep.Keys)))
	for _, k := range rep.Keys {
		b = appendText(appendText(appendText(b, k.Fingerprint), k.Origin), k.Region)
	}
	b = binary.AppendUvarint(b, uint64(len(rep.Ranges)))
	for i := range rep.Ranges {
		g := &rep.Ranges[i]
		for _, s := range []string{g.Class, g.Account, g.Region, g.Trail, g.Reason} {
			b = appendText(b, s)
		}
		b = appendTime(appendTime(b, g.From), g.To)
	}
	b = binary.AppendUvarint(b, uint64(len(rep.Problems)))
	for _, f := range rep.Problems {
		b = appendText(appendText(b, f.File), f.Reason)
	}
	b = binary.AppendUvarint(b, uint64(len(rep.Notes)))
	for _, n := range rep.Notes {
		b = appendText(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(rep.Chains)))
	for i := range rep.Chains {
		b = appendChain(b, &rep.Chains[i])
	}
	return p.pack(b)
}

func appendChain(b []byte, c *Chain) []byte {
	for _, s := range []string{c.Org, c.Account, c.Region, c.Trail, c.Home} {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(appendFlag(b, c.Backfill), uint64(len(c.Digests)))
	for i := range c.Digests {
		d := &c.Digests[i]
		b = binary.AppendVarint(b, int64(d.File))
		b = appendFlag(appendTime(appendTime(b, d.Start), d.End), d.Starting)
		logs := 0 // nil
		if d.Logs != nil {
			logs = len(d.Logs) + 1
		}
		b = binary.AppendUvarint(b, uint64(logs))
		last := 0
		for _, l := range d.Logs { // mostly neighbours
			b = binary.AppendVarint(b, int64(l-last))
			last = l
		}
	}
	return b
}

// decodeReport reads what encodeReport wrote; files is how many there are.
func decodeReport(p *packer, value []byte) (rep Integrity, files int, err error) {
	b, err := p.unpack(value)
	r := reader{b: b, err: err}
	if v := r.bytes(1); r.err == nil && v[0] != 1 {
		r.err = fmt.Errorf("it has form %d", v[0])
	}
	rep.Place = r.text()
	rep.Checked, rep.From, rep.To = r.time(), r.time(), r.time()
	files = r.int()
	for n := r.int(); n > 0 && r.err == nil; n-- {
		rep.Keys = append(rep.Keys, TrustedKey{r.text(), r.text(), r.text()})
	}
	t := texts{}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		g := RangeVerdict{Class: t.read(&r), Account: t.read(&r), Region: t.read(&r), Trail: t.read(&r), Reason: t.read(&r)}
		g.From, g.To = r.time(), r.time()
		rep.Ranges = append(rep.Ranges, g)
	}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		rep.Problems = append(rep.Problems, FileProblem{r.text(), r.text()})
	}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		rep.Notes = append(rep.Notes, r.text())
	}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		rep.Chains = append(rep.Chains, r.chain(files))
	}
	if r.err != nil {
		return Integrity{}, 0, fmt.Errorf("report: %w", r.err)
	}
	return rep, files, nil
}

// chain reads what appendChain wrote; files is how many there are to name.
func (r *reader) chain(files int) Chain {
	c := Chain{Org: r.text(), Account: r.text(), Region: r.text(), Trail: r.text(), Home: r.text(), Backfill: r.flag()}
	for n := r.int(); n > 0 && r.err == nil; n-- {
		d := ChainDigest{File: r.fileAt(0, files)}
		d.Start, d.End, d.Starting = r.time(), r.time(), r.flag()
		logs := r.int()
		if logs > len(r.b)+1 {
			r.err = errShort
		} else if logs > 0 {
			d.Logs = make([]int, 0, logs-1)
		}
		for last := 0; logs > 1 && r.err == nil; logs-- {
			last = r.fileAt(last, files)
			d.Logs = append(d.Logs, last)
		}
		c.Digests = append(c.Digests, d)
	}
	return c
}

func (r *reader) fileAt(last, files int) int {
	n := r.int64() + int64(last)
	if n < 0 || n >= int64(files) {
		r.err = errShort
		return 0
	}
	return int(n)
}
