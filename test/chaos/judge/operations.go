package main

import (
	"math"
	"sort"

	"github.com/anishathalye/porcupine"
)

// operationsOf turns a run into operations on a mutex and its counter, each with the time in which it took effect.
//
//   - acquire: from the call until the first look that says "held".
//   - end: at the end of a belief or later: what comes before must have been under the lease.
//   - enter, leave, read, write: from the look that preceded them until they arrived.
//   - a write that arrived when its lease was over: at its arrival, without the lock. No lock can exclude it; it is
//     counted, and what it overwrites is not held against the lock.
func operationsOf(events []Event, beliefs map[string][]Belief) (operations []porcupine.Operation, lateCount int) {
	waitingSince := map[string]float64{}
	calledAt := map[string]float64{}
	add := func(call, ret float64, input input) {
		operations = append(operations, porcupine.Operation{Input: input, Call: ticks(call), Return: ticks(ret)})
	}
	for _, event := range events {
		switch event.Kind {
		case "waiting":
			waitingSince[event.Worker] = event.AtMs
		case "believes":
			calledAt[event.LeaseID] = waitingSince[event.Worker]
		case "enter", "leave", "read", "write":
			isLate := !believedAt(beliefs[event.LeaseID], event.AtMs)
			step := input{kind: event.Kind, lease: event.LeaseID, value: event.Value, basedOn: event.BasedOn}
			switch {
			case !isLate:
				add(event.LookedAtMs, event.AtMs, step)
			case event.Kind == "write":
				lateCount++
				step.kind = "late write"
				add(event.AtMs, event.AtMs, step)
			}
		}
	}
	for lease, all := range beliefs {
		called := calledAt[lease]
		for _, belief := range all {
			add(min(called, belief.from), belief.from, input{kind: "acquire", lease: lease})
			add(belief.until, math.Inf(1), input{kind: "end", lease: lease})
			// A doubt that ended well: held again.
			called = belief.until
		}
	}
	sort.SliceStable(operations, func(i, j int) bool { return operations[i].Call < operations[j].Call })
	return operations, lateCount
}

// ticks are microseconds.
func ticks(ms float64) int64 {
	if math.IsInf(ms, 1) {
		return math.MaxInt64
	}
	return int64(math.Round(ms * 1_000))
}
