package main

import (
	"math"
	"sort"

	"github.com/anishathalye/porcupine"
)

// A history is judged in pieces of about so many operations: the search remembers each state with a bit for every one.
const pieceSize = 2_000

type piece struct {
	from, until int64
	// The counter's value at its beginning.
	firstValue int
	operations []porcupine.Operation
}

// anchor is the moment that decides to which piece an operation belongs: the last at which it can take effect, but for
// the end of a belief, which may take effect at any time later.
func anchor(op porcupine.Operation) int64 {
	if op.Input.(input).kind == "end" {
		return op.Call
	}
	return op.Return
}

// cut divides a history at moments at which nobody believes. No operation crosses a cut any more, and each piece ends with
// the value that the next begins with: to find all pieces legal takes more than to find the whole so.
func cut(operations []porcupine.Operation, beliefs map[string][]Belief) []piece {
	sort.SliceStable(operations, func(i, j int) bool { return anchor(operations[i]) < anchor(operations[j]) })
	quiet := quietMoments(beliefs)
	pieces := []piece{{until: math.MaxInt64}}
	value := 0
	for _, op := range operations {
		now := &pieces[len(pieces)-1]
		for len(quiet) > 0 && quiet[0] < anchor(op) {
			if len(now.operations) >= pieceSize {
				now.until = quiet[0]
				pieces = append(pieces, piece{from: quiet[0], until: math.MaxInt64, firstValue: value})
				now = &pieces[len(pieces)-1]
			}
			quiet = quiet[1:]
		}
		now.operations = append(now.operations, op)
		if kind := op.Input.(input).kind; kind == "write" || kind == "late write" {
			value = op.Input.(input).value
		}
	}
	for index := range pieces {
		piece := &pieces[index]
		for position := range piece.operations {
			op := &piece.operations[position]
			op.Call, op.Return = max(op.Call, piece.from), min(op.Return, piece.until)
		}
		if index+1 < len(pieces) {
			last := input{kind: "value", value: pieces[index+1].firstValue}
			piece.operations = append(piece.operations,
				porcupine.Operation{Input: last, Call: piece.until, Return: piece.until})
		}
	}
	return pieces
}

// quietMoments lies in the middle of each time between two beliefs.
func quietMoments(beliefs map[string][]Belief) []int64 {
	var all []Belief
	for _, ofLease := range beliefs {
		all = append(all, ofLease...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].from < all[j].from })
	var moments []int64
	for index := 1; index < len(all); index++ {
		before := all[index-1].until
		all[index].until = max(all[index].until, before)
		if all[index].from > before {
			moments = append(moments, ticks((before+all[index].from)/2))
		}
	}
	return moments
}
