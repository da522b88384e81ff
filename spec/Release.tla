------------------------------- MODULE Release -------------------------------
(* release.ts and settle.ts: ending a record of ours; and ending without a word. *)
EXTENDS Hold

EndRequest(c, g, m) == [Request(IF Counters THEN "free" ELSE "delete", c, g, m, 0) EXCEPT !.w = FALSE]

(* startRelease. The lease is over before anything leaves. Repeating it is a duplicate; after a free-patch that was
   refused, Settle does it with the version as read. *)
Release(c) ==
  /\ cl[c].pc = "held" /\ Room
  /\ IF NotHeldBeforeDelete
     THEN EndLease(c, net \cup {EndRequest(c, cl[c].g, cl[c].m)}) /\ UNCHANGED <<wrongs, budget>>
     ELSE /\ net' = CutOff(c, net) \cup {[EndRequest(c, cl[c].g, cl[c].m) EXCEPT !.w = TRUE]}
          /\ Become(c, [cl[c] EXCEPT !.pc = "releasing", !.at = "resting", !.answer = NoAnswer])
          /\ UNCHANGED <<obj, wrongs, budget>>
Released(c) == cl[c].pc = "releasing" /\ EndLease(c, net) /\ UNCHANGED <<wrongs, budget>>

(* settle: a record of an acquisition of this process that is over. *)
Settle(c) == /\ Settling /\ obj.on /\ ~obj.free /\ IsOwnOrphan(c) /\ Room
             /\ LET q == [EndRequest(c, 1, obj.m) EXCEPT !.cur = FALSE] IN q \notin net /\ net' = net \cup {q}
             /\ UNCHANGED <<obj, cl, wrongs, budget>>

(* A crash, an abort, a time-out, maxHoldMs: nothing is sent, and the lease id is never granted again. *)
End(c) == /\ cl[c].pc # "idle" /\ EndLease(c, net) /\ UNCHANGED wrongs
          /\ IF Calm THEN budget.crashes > 0 /\ budget' = [budget EXCEPT !.crashes = @ - 1] ELSE UNCHANGED budget

(* Too late to confirm: the time of the acquisition is over. *)
GiveUp(c) == /\ cl[c].pc = "confirming" /\ cl[c].at = "resting"
             /\ EndLease(c, net) /\ UNCHANGED <<wrongs, budget>>

Finish(c) == Release(c) \/ Released(c) \/ Settle(c) \/ End(c) \/ GiveUp(c)
=============================================================================
