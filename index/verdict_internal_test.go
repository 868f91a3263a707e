package index

import (
	"encoding/binary"
	"path/filepath"
	"testing"
)

// TestOverlayWithoutVerdictsOpens reads an overlay as it was written before copies had verdicts.
func TestOverlayWithoutVerdictsOpens(t *testing.T) {
	o := newOverlay()
	o.hidden.Add(3)
	o.stale.Add(4)
	var before []byte
	for _, b := range o.bitmaps()[:6] {
		data, err := b.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		before = append(binary.AppendUvarint(before, uint64(len(data))), data...)
	}
	got, err := decodeOverlay(seal(before), 10)
	if err != nil {
		t.Fatal(err)
	}
	if !got.hidden.Equals(o.hidden) || !got.stale.Equals(o.stale) || !got.others[0].IsEmpty() || !got.others[numVerdicts-1].IsEmpty() {
		t.Errorf("%v", got)
	}
	o.others[verdictInvalid-1].Add(5)
	now, err := o.encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err = decodeOverlay(now, 10); err != nil || !got.others[verdictInvalid-1].Contains(5) {
		t.Errorf("%v %v", got, err)
	}
	cut, err := unseal(now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeOverlay(seal(cut[:len(cut)-3]), 10); err == nil {
		t.Error("an overlay that ends early was read")
	}
}

// TestVerdictColumnsReadThroughFiles compares the columns of verdicts with a plain look-up, for each way a table can be.
func TestVerdictColumnsReadThroughFiles(t *testing.T) {
	c := column{width: 1, docs: 5, data: []byte{1, 2, 3, 2, 9}, table: codeTable{1, []byte{0, 5, 2, 5}}}
	var got []uint32
	for doc := range uint32(5) {
		got = append(got, c.code(doc))
	}
	if want := [5]uint32{5, 2, 5, 2, 0}; [5]uint32(got) != want {
		t.Errorf("codes %v, want %v", got, want)
	}
	want := newCodeSet(numVerdicts)
	want.add(5)
	words := make([]uint64, 1)
	c.gather(words, want)
	within := make([]uint64, 1)
	c.gatherWithin(within, []uint64{0b11110}, want)
	if words[0] != 0b00101 || within[0] != 0b00100 {
		t.Errorf("gathered %b, within %b", words[0], within[0])
	}
	counts := make([]uint32, numVerdicts+1)
	c.count(counts, sealSet([]uint64{0b01111}, 5))
	if counts[5] != 2 || counts[2] != 2 || counts[0] != 0 {
		t.Errorf("counts %v", counts)
	}
}

// TestLeftReportIsRemoved writes a report that no place ever names, as a process that is killed leaves it.
func TestLeftReportIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	reports := func(x *Index) (n int) {
		err := x.view(func(v *storeView) error {
			c := v.tx.Bucket(bucketIntegrity).Cursor()
			for k, _ := c.Seek([]byte{'r'}); len(k) == 5 && k[0] == 'r'; k, _ = c.Next() {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	open := func() *Index {
		x, err := Open(path, Options{Write: true})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	x := open()
	for range 2 {
		if err := x.SetIntegrity(t.Context(), Integrity{Place: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := x.putReport(&Integrity{Place: "a"}); err != nil {
		t.Fatal(err)
	}
	if n := reports(x); n != 2 {
		t.Errorf("%d reports, want the one that counts and the one left over", n)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open()
	defer x.Close()
	if n := reports(x); n != 1 {
		t.Errorf("%d reports after opening again", n)
	}
	if found, err := x.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("%v %v", found, err)
	}
}

// TestReplacedIndexIsRefused puts another index in place of one that is open, between two of its transactions.
func TestReplacedIndexIsRefused(t *testing.T) {
	dir := t.TempDir()
	one, err := Open(filepath.Join(dir, "one.db"), Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := Open(filepath.Join(dir, "two.db"), Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := two.Close(); err != nil {
		t.Fatal(err)
	}
	one.path = two.path
	if err := one.Downgrade(); err == nil {
		t.Error("another index was taken for this one")
	}
	if err := one.view(func(*storeView) error { return nil }); err == nil {
		t.Error("another index was read")
	}
}

// FuzzReport reads reports of any bytes: they never panic, and what is read is written the same.
func FuzzReport(f *testing.F) {
	var p packer
	value, err := encodeReport(&p, &Integrity{Place: "a", Chains: []Chain{{Digests: []ChainDigest{{Logs: []int{0}}}}}, Files: make([]FileVerdict, 1)})
	if err != nil {
		f.Fatal(err)
	}
	plain, err := p.unpack(value)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Fuzz(func(t *testing.T, plain []byte) {
		var p packer
		value, err := p.pack(plain)
		if err != nil {
			t.Fatal(err)
		}
		rep, files, err := decodeReport(&p, value)
		if err != nil {
			return
		}
		rep.Files = make([]FileVerdict, min(files, 1000))
		again, err := encodeReport(&p, &rep)
		if err != nil {
			t.Fatal(err)
		}
		if files <= 1000 {
			if _, _, err := decodeReport(&p, again); err != nil {
				t.Errorf("written again: %v", err)
			}
		}
	})
}
