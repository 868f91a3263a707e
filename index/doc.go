// Package index keeps CloudTrail events in one file and answers what they are: pages, counts, facets, bars of time.
//
// The words. A document is an event inside a segment, numbered densely from 0 = newest. A segment is an immutable part
// of the index, some ten thousand documents in time order. A field is a row of the field table (field.go); a term is a
// value of a field in a segment. The ledger has a row for every version of every log file ever seen. A copy is one
// document of an identity (eventID and account); of equal copies one is shown, the others are hidden.
//
// The invariants.
//   - A segment and the ledger rows of its log files become visible together, in one transaction, or not at all.
//   - Segments never change. What is shown of them (duplicates, conflicts) is kept beside them, in overlays, and so is
//     what is known of the integrity of their log files.
//   - Which copy is shown, and every count, depend on what came in and on its verdicts, never on the order of either.
//   - A record is never lost: its bytes are read back from the log file where it lies, or from the store.
//
// Layout of the file (bbolt; bytes per entry stand beside each encoder):
//
//	meta      format, created, used, generation, hash key, next numbers
//	manifest  "current" → the segments that count, with their ranges of time
//	segments  segment id → one bucket: "0", "1", … its parts: columns, term dictionaries, posting lists
//	overlays  segment id → which documents are hidden, variants, conflicts
//	places    place number → identity and spelling
//	files     place, log file key, version → the ledger row
//	kept      log file number → the bytes as delivered, or the content in blocks
//	pending   log file numbers whose kept bytes stand ahead of their ledger rows
//	proofs    place, log file key → what was found in its content; digests as stored
//	integrity the verdict of each log file; of each place what its verification established
//	tokens    running number → filters of the tokens of records, by log file number and position
//
// An Index is safe for concurrent use. It has one writer at a time, in this process and, by the lock on the file, in
// all processes; readers share the file with each other but not with the writer of another process.
package index
