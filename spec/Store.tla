-------------------------------- MODULE Store --------------------------------
(* The bucket and the way to it: a request is checked and executed in one step, at any time after it was sent, many times
   or never. *)
EXTENDS Basics

Passes(q) == CASE q.k = "create" -> ~obj.on \/ ~CreateIfAbsent
               [] OTHER -> /\ obj.on
                           /\ ByGeneration(q) => q.g = 1
                           /\ ByMetageneration(q) => q.m = obj.m

Written(q) == [on |-> TRUE, own |-> q.c, cur |-> q.cur, free |-> FALSE, n |-> 0, age |-> 0, m |-> 1]
Patched == [obj EXCEPT !.m = IF CountsMeta THEN @ + 1 ELSE 1, !.age = 0]
After(q) == CASE q.k \in {"create", "overwrite"} -> Written(q)
              [] q.k = "patch" -> [Patched EXCEPT !.n = q.n, !.free = FALSE]
              [] q.k = "free" -> [Patched EXCEPT !.free = TRUE]
              [] q.k = "delete" -> NoObject

(* What references to the object are worth after a write. *)
Moved(q, r) == IF q.k \in {"patch", "free"} THEN [r EXCEPT !.m = IF CountsMeta THEN @ ELSE 0]
               ELSE [r EXCEPT !.g = 0, !.m = IF CountsMeta THEN @ ELSE 0]
MovedIn(q, state) == [state EXCEPT !.g = Moved(q, state).g, !.m = Moved(q, state).m,
                                   !.answer = [Moved(q, @) EXCEPT !.live = FALSE], !.replay = Moved(q, @),
                                   !.seen = [live |-> FALSE, since |-> 0]]

(* One token for all creates of an acquisition: the first answer is played again, and nothing is done. *)
IsReplayed(q) == ~TokenPerRequest /\ q.k = "create" /\ q.cur /\ cl[q.c].replay.k = "applied"

(* What must never happen. A request with g = 0 names a generation that is gone. *)
IsForeign(q) == q.g = 0 /\ \E c \in Clients : Holds(c)
Wrongs(q, ok) ==
  (IF ok /\ q.k \in {"delete", "free"} /\ IsForeign(q) THEN {"foreign release"} ELSE {})
  \cup (IF ok /\ q.k = "patch" /\ IsForeign(q) THEN {"foreign refresh"} ELSE {})
  \cup (IF ok /\ q.k = "patch" /\ obj.free THEN {"freed and held again"} ELSE {})
  \cup (IF ~ok /\ q.k = "delete" /\ obj.on /\ q.g = 1 THEN {"own release refused"} ELSE {})

(* A refused write is answered at once: its client reads next, whenever it likes, so a later answer shows nothing new. *)
Refused(c) == IF cl[c].pc = "writing" THEN [cl[c] EXCEPT !.pc = "reading", !.sent[0] = Old]
              ELSE [cl[c] EXCEPT !.at = IF @ # "patching" THEN @ ELSE IF ReadAfterRefusal THEN "reading" ELSE "refused"]

Kept(q) == IF Duplicates THEN {[q EXCEPT !.w = FALSE]} ELSE {}

ExecuteReplay(q) ==
  /\ IsReplayed(q) /\ net' = (net \ {q}) \cup Kept(q)
  /\ Become(q.c, IF q.w THEN [cl[q.c] EXCEPT !.answer = [NoAnswer EXCEPT !.k = "applied", !.g = cl[q.c].replay.g,
                                                                       !.m = cl[q.c].replay.m]] ELSE cl[q.c])
  /\ UNCHANGED <<obj, wrongs, budget>>

ExecuteApplied(q) ==
  LET after == After(q)
      moved == [c \in Clients |-> MovedIn(q, cl[c])]
      said == [NoAnswer EXCEPT !.k = "applied", !.g = 1, !.m = after.m]
  IN /\ ~IsReplayed(q) /\ Passes(q)
     /\ obj' = after
     /\ net' = Live({Moved(q, x) : x \in (net \ {q}) \cup Kept(q)})
     /\ cl' = [moved EXCEPT ![q.c].answer = IF q.w THEN said ELSE @,
                            ![q.c].replay = IF ~TokenPerRequest /\ q.k = "create" /\ q.cur
                                            THEN [k |-> "applied", g |-> 1, m |-> 1] ELSE @]
     /\ wrongs' = wrongs \cup Wrongs(q, TRUE)
     /\ UNCHANGED budget

ExecuteRefused(q) ==
  /\ ~IsReplayed(q) /\ ~Passes(q)
  /\ q.w \/ q.k = "delete" \/ ~Duplicates   \* else nothing happens that anybody sees
  /\ net' = Live((net \ {q}) \cup Kept(q))
  /\ Become(q.c, IF q.w THEN Refused(q.c) ELSE cl[q.c])
  /\ wrongs' = wrongs \cup Wrongs(q, FALSE)
  /\ UNCHANGED <<obj, budget>>

Execute(q) == ExecuteReplay(q) \/ ExecuteApplied(q) \/ ExecuteRefused(q)

(* It never arrives; what is awaited still is cut off first, by "unknown". *)
Vanish(q) == (Calm \/ ~q.w) /\ net' = net \ {q} /\ Fault /\ UNCHANGED <<obj, cl, wrongs>>
=============================================================================
