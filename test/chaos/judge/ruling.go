package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

const patience = 5 * time.Minute

type input struct {
	kind, lease    string
	value, basedOn int
}

// state is that of the mutex and of the counter that it protects.
type state struct {
	owner string
	value int
	// A late write came since the owner acquired: it may have been overwritten, or have overwritten.
	isTainted bool
}

// step is one operation on a mutex that knows its owner.
func step(before state, op input) (bool, state) {
	after := before
	switch op.kind {
	case "acquire":
		after.owner, after.isTainted = op.lease, false
		return before.owner == "", after
	case "end":
		after.owner = ""
	case "read":
		return before.owner == op.lease && before.value == op.value, after
	case "write":
		after.value, after.isTainted = op.value, false
		return before.owner == op.lease && (before.value == op.basedOn || before.isTainted), after
	case "late write":
		after.value, after.isTainted = op.value, true
		return true, after
	case "value":
		return before.value == op.value, after
	}
	return before.owner == op.lease, after
}

func modelFrom(value int) porcupine.Model {
	return porcupine.Model{
		Init: func() interface{} { return state{value: value} },
		Step: func(before, op, _ interface{}) (bool, interface{}) {
			isLegal, after := step(before.(state), op.(input))
			return isLegal, after
		},
	}
}

// Verdict is what the judge found of one history.
type Verdict struct {
	isMutex                               bool
	operationCount, leaseCount, lateCount int
	refusedFromMs, refusedUntilMs         float64
}

func (v Verdict) String() string {
	what := fmt.Sprintf("%d operations of %d leases, %d writes late", v.operationCount, v.leaseCount, v.lateCount)
	if v.isMutex {
		return "the history of a mutex (" + what + ")"
	}
	return fmt.Sprintf("NOT the history of a mutex between %.1f and %.1f s (%s)",
		v.refusedFromMs/1_000, v.refusedUntilMs/1_000, what)
}

func rule(history History) (Verdict, error) {
	beliefs := beliefsOf(history.Events)
	operations, lateCount := operationsOf(history.Events, beliefs)
	verdict := Verdict{isMutex: true, operationCount: len(operations), leaseCount: len(beliefs), lateCount: lateCount}
	if len(beliefs) == 0 {
		return verdict, errors.New("nobody ever held the lock: there is nothing to judge")
	}
	for _, piece := range cut(operations, beliefs) {
		result := porcupine.CheckOperationsTimeout(modelFrom(piece.firstValue), piece.operations, patience)
		if result == porcupine.Unknown {
			return verdict, fmt.Errorf("no verdict within %s", patience)
		}
		if result == porcupine.Illegal {
			verdict.isMutex = false
			verdict.refusedFromMs = float64(piece.from) / 1_000
			verdict.refusedUntilMs = float64(piece.until) / 1_000
			return verdict, nil
		}
	}
	return verdict, nil
}
