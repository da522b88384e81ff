------------------------------- MODULE Basics -------------------------------
(* What the lock consists of: constants, state, time, versions. README.md says how to read it.

   Runs are unbounded in time and in the number of acquisitions, though the states are finitely many:
   - Time is relative. Ages and stopwatches count up, and stop where more would change nothing.
   - Generations and metagenerations are compared for equality only, so a reference says whether it still names
     the live object: g = 1 (this generation) or 0 (one that is gone), m = 1 (its present metageneration) or 0 (an
     earlier one). Only where a guard is left out so that a metageneration counts without its generation
     (CountsMeta) is m the number itself.
   - So are lease ids: `cur` says whether a record or a request belongs to its client's present acquisition. *)
EXTENDS Naturals, FiniteSets, TLC

CONSTANTS
  Clients,          \* processes; each has one acquisition at a time, one after the other
  ShortTtl,         \* those whose ttl is one tick shorter
  Sleepers,         \* those whose machine may sleep, with its monotonic clock standing still
  Ttl, Margin,      \* ticks
  Drift,            \* by how many ticks a clock may be wrong over one ttl, either way
  Skew, StoreSkew,  \* the option clockSkewMs, and by how much the store's clocks really differ
  MaxNet,           \* requests on their way at once
  MaxRefresh,       \* refreshes of one lease
  Duplicates,       \* a request may be executed any number of times
  SlowReads,        \* time may pass between what a read saw and what its client makes of it
  Observing,        \* takeover: 'observation'; else by the server's clocks
  Counters,         \* records have a counter: a release leaves them, free
  Settling,         \* a process clears its own dead records away
  Calm, Faults, Crashes   \* for progress only: at most so many faults and crashes, then none

(* The guards: each row of the table "What each guard is for" in docs/protocol.md, in its order. *)
CONSTANTS
  CreateIfAbsent, TakeoverByGeneration, TakeoverByMetageneration, RefreshByGeneration, RefreshByMetageneration,
  DeleteByGeneration, DeleteNotByMetageneration, OursByLeaseId, NewLeaseId, DeadlineFromSend, BaseFromFirstSend,
  CreditByCount, TtlOfRecord, NotHeldBeforeDelete, MarginAboveDrift, SleepChecked, NewCountAfterDoubt,
  TokenPerRequest, ObservedFromArrival, ReadAfterRefusal

VARIABLES
  obj,     \* the object
  net,     \* requests that may yet be executed
  cl,      \* clients
  wrongs,  \* what must never happen, and did
  budget   \* faults and crashes that are left, in calm runs
vars == <<obj, net, cl, wrongs, budget>>

Symmetry == Permutations(Clients)

--------------------------------------------------------------------------- (* time: timing.ts *)
Max(x, y) == IF x > y THEN x ELSE y
Minus(x, y) == IF x > y THEN x - y ELSE 0
UpTo(x, most) == IF x < most THEN x + 1 ELSE x

TtlOf(c) == IF c \in ShortTtl THEN Ttl - 1 ELSE Ttl
MarginKept == IF MarginAboveDrift THEN Margin ELSE 0
(* leaseDeadline. Ticks are real ones; the slowest clock is the worst: it takes Drift more to reach the deadline. A
   faster one believes for a shorter time, like a client that ends early. *)
Belief(c) == TtlOf(c) - MarginKept + Drift
(* A send so long ago that it is worth nothing. *)
Old == Ttl - MarginKept + Drift
(* The age from which a record is stale for all. The fastest watcher's clock is Drift ahead, which the factor
   1 + MAX_DRIFT pays; the store's clocks differ by StoreSkew, which the skew pays. *)
OldAge == Ttl + Skew

--------------------------------------------------------------------------- (* state *)
NoObject == [on |-> FALSE, own |-> 0, cur |-> FALSE, free |-> FALSE, n |-> 0, age |-> 0, m |-> 0]
NoAnswer == [k |-> "none", g |-> 0, m |-> 0, same |-> FALSE, live |-> FALSE]
Unsent == [n \in 0..MaxRefresh |-> Old]
(* pc: the phase of acquire-state.ts, or held. at: the phase of hold-state.ts. g, m: the version known. left: ticks
   until the deadline. base: ticks since the base of a recognised record. sent[n]: ticks since the send of the request
   with refresh count n, Old once it is decided. read: ticks since the read was sent. *)
Idle == [pc |-> "idle", at |-> "resting", g |-> 0, m |-> 0, n |-> 0, left |-> 0, doubt |-> FALSE, base |-> Old,
         sent |-> Unsent, read |-> 0, answer |-> NoAnswer, replay |-> [k |-> "none", g |-> 0, m |-> 0],
         seen |-> [live |-> FALSE, since |-> 0]]
(* What a process remembers across acquisitions. *)
Afresh(state) == [Idle EXCEPT !.seen = state.seen]

Holds(c) == cl[c].pc \in {"held", "releasing"} /\ cl[c].left > 0 /\ ~cl[c].doubt

Init == /\ obj = NoObject /\ net = {} /\ wrongs = {}
        /\ cl = [c \in Clients |-> Idle]
        /\ budget = [faults |-> Faults, crashes |-> Crashes]

--------------------------------------------------------------------------- (* requests *)
(* k: create, overwrite, patch, free, delete. w: its client still waits for the answer. *)
Request(k, c, g, m, n) == [k |-> k, c |-> c, g |-> g, m |-> m, n |-> n, cur |-> TRUE, w |-> TRUE]
Room == Cardinality(net) < MaxNet

ByGeneration(q) == CASE q.k = "overwrite" -> TakeoverByGeneration [] q.k = "patch" -> RefreshByGeneration
                     [] q.k = "delete" -> DeleteByGeneration [] OTHER -> TRUE
ByMetageneration(q) == CASE q.k = "overwrite" -> TakeoverByMetageneration [] q.k = "patch" -> RefreshByMetageneration
                         [] q.k = "delete" -> ~DeleteNotByMetageneration [] OTHER -> TRUE
CountsRead == Observing /\ ~ObservedFromArrival   \* else nobody asks when a read was sent
CountsMeta == ~TakeoverByGeneration \/ ~RefreshByGeneration

(* Can do nothing any more, and nobody waits for its answer. *)
IsSpent(q) == /\ q.k # "create" /\ ~q.w
              /\ \/ ByGeneration(q) /\ q.g = 0
                 \/ q.k # "delete" /\ ByMetageneration(q) /\ ~CountsMeta /\ q.m = 0
Live(requests) == {q \in requests : ~IsSpent(q)}
(* Nobody waits any more for what c sent. *)
CutOff(c, requests) == Live({IF q.c = c THEN [q EXCEPT !.w = FALSE] ELSE q : q \in requests})
(* The acquisition is over: what it sent and wrote belongs to no present one. *)
Disown(c, requests) == {IF q.c = c THEN [q EXCEPT !.cur = ~NewLeaseId, !.w = FALSE] ELSE q : q \in requests}
EndLease(c, requests) == /\ net' = Live(Disown(c, requests))
                         /\ obj' = IF obj.on /\ obj.own = c THEN [obj EXCEPT !.cur = @ /\ ~NewLeaseId] ELSE obj
                         /\ cl' = [cl EXCEPT ![c] = Afresh(cl[c])]

Become(c, state) == cl' = [cl EXCEPT ![c] = state]
(* Sends a request; its client goes on as `state`. *)
Send(c, state, q) == Room /\ net' = net \cup {q} /\ Become(c, state) /\ UNCHANGED <<obj, wrongs, budget>>
(* Goes on without a request. *)
Local(c, state) == Become(c, state) /\ UNCHANGED <<obj, net, wrongs, budget>>

Fault == IF Calm THEN budget.faults > 0 /\ budget' = [budget EXCEPT !.faults = @ - 1] ELSE UNCHANGED budget
=============================================================================
