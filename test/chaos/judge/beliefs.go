package main

import "sort"

// Belief is a time during which a worker was sure of its lease.
type Belief struct {
	lease       string
	from, until float64
}

type look struct {
	at, deadline float64
	isHeld       bool
}

// beliefsOf computes each lease's times of belief from its looks. A look that says "held" is believed until the deadline
// that it knew, or until a look that says otherwise; two in a row that say "held" are believed for all the time between.
func beliefsOf(events []Event) map[string][]Belief {
	looks := map[string][]look{}
	for _, event := range events {
		switch event.Kind {
		case "look":
			looks[event.LeaseID] = append(looks[event.LeaseID],
				look{event.AtMs, event.AtMs + event.RemainingMs, event.IsHeld})
		case "enter", "leave", "read", "write":
			looks[event.LeaseID] = append(looks[event.LeaseID],
				look{event.LookedAtMs, event.LookedAtMs + event.RemainingMs, event.IsHeld})
		}
	}
	beliefs := map[string][]Belief{}
	for lease, all := range looks {
		sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
		var open *Belief
		deadline := 0.0
		for _, look := range all {
			if look.isHeld {
				if open == nil {
					open = &Belief{lease: lease, from: look.at}
				}
				// At least this very moment, however little was left.
				deadline = max(look.deadline, look.at+0.001)
			} else if open != nil {
				open.until = min(look.at, deadline)
				beliefs[lease] = append(beliefs[lease], *open)
				open = nil
			}
		}
		if open != nil {
			open.until = deadline
			beliefs[lease] = append(beliefs[lease], *open)
		}
	}
	return beliefs
}

// believedAt says whether a lease was believed in at a moment.
func believedAt(beliefs []Belief, at float64) bool {
	for _, belief := range beliefs {
		if belief.from <= at && at < belief.until {
			return true
		}
	}
	return false
}
