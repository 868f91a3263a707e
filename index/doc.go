// Package index is the local store of CloudTrail events: one bbolt file with an inverted index over them.
package index
