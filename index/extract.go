package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// SumsName is the file of an extraction that lists the SHA-256 of what was written, as sha256sum -c reads it.
const SumsName = "SHA256SUMS"

// ContentSuffix ends the name of a log file of which only the content is kept: it was compressed, and its bytes as they
// were stored are gone with their place.
const ContentSuffix = ".content"

// ExtractOptions say what is written where.
type ExtractOptions struct {
	Dir string
	// Result, where it is set, leaves only log files that hold an event of it, or a copy of one.
	Result *Result
	// Progress is called after each log file of the ledger, with how many were looked at.
	Progress func(done int)
}

// Extraction is what became of an extraction.
type Extraction struct {
	Files     int   `json:"files"`      // written as delivered
	Bytes     int64 `json:"bytes"`      // of these
	Same      int   `json:"same"`       // were there already, byte for byte
	FromPlace int   `json:"from_place"` // of the written: not kept, read from their place, unchanged
	Content   int   `json:"content"`    // of which only the content is kept; written with ContentSuffix
	Sidecars  int   `json:"sidecars"`   // files of S3 metadata, written or there already
	Ignored   int   `json:"ignored"`    // recognisably no log files, and not kept
	Complete  bool  `json:"complete"`   // all that was asked for was looked at

	Problems []ExtractProblem `json:"problems"` // the first 1,000
	NotThere int              `json:"not_written"`
}

// An ExtractProblem is a log file that could not be written as it was delivered.
type ExtractProblem struct {
	File      string    `json:"file"` // its key; text from outside
	Place     string    `json:"place"`
	Reason    string    `json:"reason"`
	Size      int64     `json:"size"`
	SHA256    string    `json:"sha256,omitempty"` // as stored, where it was read whole
	BroughtIn time.Time `json:"brought_in,omitzero"`
}

// Extract writes log files below a folder, each as PLACE/KEY, byte for byte as they were delivered: from the store where
// they are kept, else from where they lie, as long as they are what came in. Beside a log file stands its S3 metadata as a
// sidecar, where there is any. Nothing is written outside the folder, no link in it is followed, and no file there is
// written over; one that is the same stands. What cannot be written is in the Extraction. The error says that the folder
// cannot be used, or is the context's: what was written stays, is listed in SHA256SUMS, and the next call goes on.
func (x *Index) Extract(ctx context.Context, opt ExtractOptions) (ex Extraction, err error) {
	out, err := openOutput(opt.Dir)
	if err != nil {
		return ex, err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	e := &extractor{x: x, out: out, names: newPlaceNames(), sum: &ex}
	done := 0
	for row, err := range x.Custody(ctx, CustodyOptions{Result: opt.Result}) {
		if err == nil {
			err = e.file(ctx, &row)
		}
		if err != nil {
			return ex, err
		}
		if done++; opt.Progress != nil {
			opt.Progress(done)
		}
	}
	ex.Complete = true
	return ex, nil
}

// An extractor writes log files.
type extractor struct {
	x     *Index
	out   *output
	names placeNames
	sum   *Extraction
}

// file writes one version of a log file. The error ends the extraction.
func (e *extractor) file(ctx context.Context, row *CustodyRow) error {
	r := row.row
	switch {
	case r.State == StateIgnored && r.keep == keepNothing:
		e.sum.Ignored++
		return nil
	case r.State == StateFailed:
		e.problem(r, "it could not be read when it was brought in: "+r.Reason)
		return nil
	}
	place, err := e.place(r.place)
	if err != nil {
		return err
	}
	name := e.names.path(place, r.Key)
	if r.State == StateChanged {
		name += fmt.Sprintf(".version-%d", r.Version)
	}
	if err = e.write(ctx, readableFile{r, place}, name); errors.Is(err, errBoth) {
		name = e.names.beside(name)
		err = e.write(ctx, readableFile{r, place}, name)
	}
	switch full, ok := errors.AsType[*outputError](err); {
	case ctx.Err() != nil:
		return ctx.Err()
	case ok:
		return full
	case err != nil:
		e.problem(r, reasonOf(err))
		return nil
	}
	return e.sidecar(r, name)
}

func (e *extractor) place(no uint32) (place source.Place, err error) {
	err = e.x.view(func(v *storeView) error {
		place = v.snap.places[no].place
		return nil
	})
	return place, err
}

// write gives the bytes of a log file to the folder, from the first of the store, its place, and its content that can.
func (e *extractor) write(ctx context.Context, f readableFile, name string) error {
	same, err := e.out.has(name, f.Size, f.SHA256)
	if err != nil {
		return err
	}
	if same {
		e.sum.Same++
		return e.out.list(name, f.SHA256)
	}
	kept, err := e.fromStore(ctx, f, name)
	if kept || err != nil {
		return err
	}
	from := e.fromPlace(ctx, f, name)
	if from == nil || f.keep&keepBlocks == 0 || ctx.Err() != nil {
		return from
	}
	return e.content(ctx, f, name, from)
}

// fromStore writes what is kept as it was delivered, if it is.
func (e *extractor) fromStore(ctx context.Context, f readableFile, name string) (kept bool, err error) {
	var body io.ReadCloser
	switch {
	case f.keep&keepDelivered != 0:
		body = &keptBody{ctx: ctx, x: e.x, no: f.no}
	case f.keep&keepBlocks != 0 && f.Bytes == f.Size:
		body = e.x.blocks(ctx, f)
	default:
		return false, nil
	}
	n, err := e.out.put(name, body, &f.SHA256)
	if errors.Is(err, errOtherBytes) {
		if f.keep&keepDelivered == 0 { // of the size of its content, and yet another text
			return false, nil
		}
		return true, errors.New("damaged in the index: the bytes kept are not those that came in")
	}
	if err == nil {
		e.sum.Files++
		e.sum.Bytes += n
	}
	return true, err
}

// fromPlace writes a log file that is referred to, if it is still what came in.
func (e *extractor) fromPlace(ctx context.Context, f readableFile, name string) error {
	if e.x.opt.Reopen == nil {
		return errNoReopen
	}
	body, err := f.open(ctx, e.x.opt.Reopen)
	if err != nil {
		return fmt.Errorf("no longer at %s: %s", f.lies().text(), reasonOf(err))
	}
	n, err := e.out.put(name, body, &f.SHA256)
	if errors.Is(err, errOtherBytes) {
		return fmt.Errorf("changed at %s since it was brought in", f.lies().text())
	}
	if err == nil {
		e.sum.Files++
		e.sum.FromPlace++
		e.sum.Bytes += n
	}
	return err
}

// content writes what is left of a log file: its content. why says that its bytes as stored are gone.
func (e *extractor) content(ctx context.Context, f readableFile, name string, why error) error {
	if _, err := e.out.put(name+ContentSuffix, e.x.blocks(ctx, f), nil); err != nil {
		return err
	}
	e.sum.Content++
	return fmt.Errorf("%s; its content is kept, and was written as %s%s", reasonOf(why), name, ContentSuffix)
}

// sidecar writes the S3 metadata of a log file.
func (e *extractor) sidecar(r *ledgerRow, name string) error {
	text := source.FormatSidecar(r.Meta)
	if meta, err := source.ParseSidecar(text); err != nil || len(meta) == 0 {
		return err
	}
	name += source.SidecarSuffix
	want := sha256.Sum256(text)
	same, err := e.out.has(name, int64(len(text)), want)
	switch {
	case same:
		err = e.out.list(name, want)
	case err == nil:
		_, err = e.out.put(name, io.NopCloser(bytes.NewReader(text)), &want)
	}
	if err == nil {
		e.sum.Sidecars++
		return nil
	}
	if full, ok := errors.AsType[*outputError](err); ok {
		return full
	}
	e.problem(r, "its S3 metadata: "+reasonOf(err))
	return nil
}

func (e *extractor) problem(r *ledgerRow, reason string) {
	e.sum.NotThere++
	if len(e.sum.Problems) >= maxProblems {
		return
	}
	p := ExtractProblem{File: r.Key, Place: r.Place, Reason: reason, Size: r.Size, BroughtIn: r.BroughtIn}
	if r.SHA256 != [32]byte{} {
		p.SHA256 = hexOf(r.SHA256)
	}
	e.sum.Problems = append(e.sum.Problems, p)
}

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }

// blocks reads the content of a log file that is kept in blocks.
func (x *Index) blocks(ctx context.Context, f readableFile) io.ReadCloser {
	c := &blockContents{no: f.no, inTx: x.inViews}
	return &blockBody{ctx: ctx, c: c, left: f.Bytes}
}

// A blockBody reads a content from blocks, one in each transaction.
type blockBody struct {
	ctx  context.Context
	c    *blockContents
	at   int64
	left int64
}

func (b *blockBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), b.left, blockBytes-b.at%blockBytes)
	out, err := b.c.read(p[:0], source.Span{Offset: b.at, Length: n})
	b.at += int64(len(out))
	b.left -= int64(len(out))
	return len(out), err
}

func (b *blockBody) Close() error { return nil }

// inViews runs a function in a read transaction of its own.
func (x *Index) inViews(fn func(tx *bolt.Tx) error) error {
	return x.view(func(v *storeView) error { return fn(v.tx) })
}
