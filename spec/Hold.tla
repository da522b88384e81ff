-------------------------------- MODULE Hold --------------------------------
(* hold.ts: keeping the lease, or confirming that a record of ours counts. *)
EXTENDS Acquire

HasRecord(c) == cl[c].pc \in {"held", "confirming"}

(* sendRefresh: under a count never sent before. *)
NextCount(c) == IF ~NewCountAfterDoubt /\ cl[c].doubt /\ cl[c].n > 0 THEN cl[c].n ELSE cl[c].n + 1
SendRefresh(c) ==
  /\ HasRecord(c) /\ cl[c].at = "resting" /\ NextCount(c) <= MaxRefresh
  /\ LET n == NextCount(c)
     IN Send(c, [cl[c] EXCEPT !.at = "patching", !.n = n, !.sent[n] = 0], Request("patch", c, cl[c].g, cl[c].m, n))

(* credit: the refresh with count n was applied, and its own first send counts. One that is decided already is
   worth nothing, nor is one from before a sleep. *)
Credit(state, c, n, since) ==
  LET left == Minus(Belief(c), since)
      decided == [state EXCEPT !.at = "resting", !.answer = NoAnswer,
                               !.sent = [k \in 0..MaxRefresh |-> IF k <= n THEN Old ELSE @[k]]]
  IN IF left = 0 THEN decided
     ELSE [decided EXCEPT !.pc = "held", !.left = Max(@, left), !.doubt = FALSE]

(* onWrote: applied. *)
RefreshApplied(c) ==
  /\ HasRecord(c) /\ cl[c].at = "patching" /\ cl[c].answer.k = "applied"
  /\ Local(c, Credit([cl[c] EXCEPT !.g = cl[c].answer.g, !.m = cl[c].answer.m], c, cl[c].n,
                     IF DeadlineFromSend THEN cl[c].sent[cl[c].n] ELSE 0))
(* onWrote: unknown. What was refused is in Store. *)
RefreshUnknown(c) == /\ HasRecord(c) /\ cl[c].at = "patching" /\ Unanswered(c)
                     /\ Become(c, [cl[c] EXCEPT !.at = "reading", !.answer = NoAnswer])
                     /\ net' = CutOff(c, net) /\ UNCHANGED <<obj, wrongs>>

(* onRead. *)
IsStillOurs(c) == obj.on /\ ~obj.free /\ obj.own = c /\ obj.cur /\ cl[c].g = 1 /\ obj.n <= cl[c].n
ReadRecord(c) ==
  /\ HasRecord(c) /\ cl[c].at = "reading"
  /\ IF IsStillOurs(c)
     THEN LET n == IF CreditByCount THEN obj.n ELSE cl[c].n
          IN Local(c, Credit([cl[c] EXCEPT !.m = obj.m], c, n, cl[c].sent[n]))
     ELSE EndLease(c, net) /\ UNCHANGED <<wrongs, budget>>

(* lose, without having read. *)
Lose(c) == /\ HasRecord(c) /\ cl[c].at = "refused" /\ EndLease(c, net)
           /\ wrongs' = wrongs \cup (IF IsStillOurs(c) THEN {"lost while ours"} ELSE {})
           /\ UNCHANGED budget

(* doubt, by SIGCONT: the machine may have slept, so nothing sent so far counts. *)
InDoubt(state) == [state EXCEPT !.doubt = TRUE, !.at = "resting", !.sent = Unsent, !.answer = NoAnswer]
Resumed(c) == /\ c \in Sleepers /\ SleepChecked /\ cl[c].pc = "held" /\ ~cl[c].doubt
              /\ Become(c, InDoubt(cl[c])) /\ net' = CutOff(c, net) /\ UNCHANGED <<obj, wrongs, budget>>

Hold(c) == SendRefresh(c) \/ RefreshApplied(c) \/ RefreshUnknown(c) \/ ReadRecord(c) \/ Lose(c) \/ Resumed(c)
=============================================================================
