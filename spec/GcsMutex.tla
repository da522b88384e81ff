------------------------------ MODULE GcsMutex ------------------------------
(* The lock: clients, the store and time together, and what must be true of them. *)
EXTENDS Release

--------------------------------------------------------------------------- (* time *)
(* A tick for a client that is awake. At the deadline the lease is lost. *)
Ticked(state) ==
  LET left == Minus(state.left, 1)
      stopwatches == [state EXCEPT !.left = left, !.sent = [n \in 0..MaxRefresh |-> UpTo(@[n], Old)],
                                   !.base = UpTo(@, Old), !.seen.since = IF state.seen.live THEN UpTo(@, OldAge) ELSE 0,
                                   !.read = IF CountsRead /\ state.pc = "reading" THEN UpTo(@, OldAge) ELSE 0]
  IN IF state.pc = "held" /\ left = 0 THEN Afresh(stopwatches) ELSE stopwatches
IsLost(c, state) == cl[c].pc = "held" /\ state.pc = "idle"

(* A tick for one that sleeps: its monotonic clock stands still, which the other clock shows afterwards. *)
Slept(state) ==
  IF ~SleepChecked THEN state
  ELSE LET worthless == [state EXCEPT !.base = Old, !.sent = Unsent]
       IN IF state.pc = "held" THEN InDoubt(worthless) ELSE worthless

(* In calm runs requests, answers and reads are faster than a tick. *)
IsQuiet == net = {} /\ \A c \in Clients : cl[c].answer.k = "none" /\ cl[c].at = "resting" /\ cl[c].pc # "writing"
           /\ (cl[c].pc = "reading" => obj.on /\ ~MayTake(c) /\ ~IsOurs(c))

Tick(asleep) ==
  /\ Calm => IsQuiet
  /\ LET next == [c \in Clients |-> IF c \in asleep THEN Slept(cl[c]) ELSE Ticked(cl[c])]
         lost == {c \in Clients : IsLost(c, next[c])}
         cutOff == {c \in asleep : next[c].doubt}
     IN /\ cl' = next
        /\ obj' = [obj EXCEPT !.age = IF obj.on THEN UpTo(@, OldAge) ELSE 0,
                              !.cur = @ /\ ~(obj.own \in lost /\ NewLeaseId)]
        /\ net' = Live({[q EXCEPT !.cur = @ /\ ~(q.c \in lost /\ NewLeaseId),
                                  !.w = @ /\ q.c \notin lost \cup cutOff] : q \in net})
  /\ UNCHANGED <<wrongs, budget>>

Next == \/ \E asleep \in SUBSET Sleepers : Tick(asleep)
        \/ \E c \in Clients : Acquire(c) \/ Hold(c) \/ Finish(c)
        \/ \E q \in net : Execute(q) \/ Vanish(q)
Spec == Init /\ [][Next]_vars

--------------------------------------------------------------------------- (* what must be true *)
Mutex == \A c, d \in Clients : c # d => ~(Holds(c) /\ Holds(d))
(* More than the promise: whoever holds has the live object. *)
HoldersRecord == \A c \in Clients : Holds(c) => obj.on /\ ~obj.free /\ obj.own = c /\ obj.cur /\ cl[c].g = 1
NoForeignRelease == "foreign release" \notin wrongs
NoForeignRefresh == "foreign refresh" \notin wrongs
NoFreedRecordHeldAgain == "freed and held again" \notin wrongs
NoOwnReleaseRefused == "own release refused" \notin wrongs
NoLossWhileOurs == "lost while ours" \notin wrongs

(* What is to be reached, or the rest would say nothing: each of these must be broken. *)
NeverRecognised == ~\E c \in Clients : cl[c].pc = "reading" /\ IsOurs(c) /\ cl[c].base < Belief(c)
IsAnsweredInTime(c) == cl[c].answer.k = "applied" /\ cl[c].sent[cl[c].n] < Belief(c)
NeverConfirmed == ~\E c \in Clients : cl[c].pc = "confirming" /\ cl[c].at = "patching" /\ IsAnsweredInTime(c)
NeverDoubtSettled == ~\E c \in Clients : cl[c].doubt /\ cl[c].at = "patching" /\ IsAnsweredInTime(c)
IsTakenOver(q) == q.k = "overwrite" /\ q.w /\ Passes(q) /\ ~obj.free
NeverOrphanTaken == ~\E q \in net : IsTakenOver(q) /\ IsOwnOrphan(q.c) /\ ~IsStale(q.c)
NeverObserved == ~\E q \in net : IsTakenOver(q) /\ ~IsOwnOrphan(q.c) /\ cl[q.c].seen.since = OldAge

(* Progress: when faults are over, somebody holds again and again. *)
Fair == /\ WF_vars(Tick({}))
        /\ \A c \in Clients : /\ WF_vars(Create(c)) /\ WF_vars(WriteApplied(c)) /\ WF_vars(WriteUnknown(c))
                              /\ WF_vars(Read(c)) /\ WF_vars(RefreshApplied(c)) /\ WF_vars(RefreshUnknown(c))
                              /\ WF_vars(ReadRecord(c)) /\ WF_vars(GiveUp(c))
        /\ WF_vars(\E q \in net : Execute(q))
FairSpec == Spec /\ Fair
Progress == []<>(\E c \in Clients : Holds(c))
=============================================================================
