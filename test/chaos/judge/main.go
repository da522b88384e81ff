// The judge of chaos runs: asks porcupine whether the history of a run is one of a mutex that knows its owner, with the
// counter that it protects. It shares nothing with the checker in TypeScript but the file that both read.
//
// Usage: judge HISTORY.json ...
// Exit code: 0 if every history is one, 3 if one is not, 1 if a file cannot be judged.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Event is what the judge reads of an event; the rest of the file is none of its business.
type Event struct {
	Kind        string  `json:"kind"`
	AtMs        float64 `json:"atMs"`
	Worker      string  `json:"worker"`
	Incarnation int     `json:"incarnation"`
	LeaseID     string  `json:"leaseId"`
	LookedAtMs  float64 `json:"lookedAtMs"`
	IsHeld      bool    `json:"isHeld"`
	RemainingMs float64 `json:"remainingMs"`
	Value       int     `json:"value"`
	BasedOn     int     `json:"basedOn"`
}

// History is a file of format 1.
type History struct {
	Format int     `json:"format"`
	Events []Event `json:"events"`
}

func main() {
	code := 0
	for _, path := range os.Args[1:] {
		history, err := read(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		verdict, err := rule(history)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
		fmt.Printf("%s: %s\n", path, verdict)
		if !verdict.isMutex {
			code = 3
		}
	}
	os.Exit(code)
}

func read(path string) (History, error) {
	var history History
	text, err := os.ReadFile(path)
	if err != nil {
		return history, err
	}
	if err := json.Unmarshal(text, &history); err != nil {
		return history, fmt.Errorf("%s: %w", path, err)
	}
	if history.Format != 1 || len(history.Events) == 0 {
		return history, fmt.Errorf("%s is no history in format 1", path)
	}
	return history, nil
}
