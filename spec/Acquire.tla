------------------------------- MODULE Acquire -------------------------------
(* acquire.ts, from the first request to a grant. *)
EXTENDS Store

(* starting: create. *)
Create(c) == /\ cl[c].pc = "idle"
             /\ Send(c, [cl[c] EXCEPT !.pc = "writing", !.base = 0, !.sent[0] = 0], Request("create", c, 0, 0, 0))

(* startHolding, or startConfirming where the base is too old to count. *)
Grant(c, since, g, m) ==
  LET left == Minus(Belief(c), since)
  IN [Afresh(cl[c]) EXCEPT !.pc = IF left > 0 THEN "held" ELSE "confirming",
                                           !.g = g, !.m = m, !.left = left]

(* onWrote: applied. *)
WriteApplied(c) == /\ cl[c].pc = "writing" /\ cl[c].answer.k = "applied"
                   /\ Local(c, Grant(c, IF DeadlineFromSend THEN cl[c].sent[0] ELSE 0, cl[c].answer.g, cl[c].answer.m))

(* onWrote: unknown. *)
IsGone(c) == cl[c].answer.k = "none" /\ ~\E q \in net : q.c = c /\ q.w
Unanswered(c) == IF Calm /\ IsGone(c) THEN UNCHANGED budget ELSE Fault
WriteUnknown(c) == /\ cl[c].pc = "writing" /\ Unanswered(c)
                   /\ Become(c, [cl[c] EXCEPT !.pc = "reading", !.answer = NoAnswer, !.sent[0] = Old])
                   /\ net' = CutOff(c, net) /\ UNCHANGED <<obj, wrongs>>

--------------------------------------------------------------------------- (* read *)
IsOurs(c) == /\ obj.on /\ ~obj.free /\ obj.n = 0
             /\ IF OursByLeaseId THEN obj.own = c /\ obj.cur ELSE TtlOf(obj.own) = TtlOf(c)
(* stale.ts, rule 1. *)
IsStale(c) == obj.age + StoreSkew >= (IF TtlOfRecord THEN TtlOf(obj.own) ELSE TtlOf(c)) + Skew
IsOwnOrphan(c) == obj.own = c /\ ~obj.cur
IsLeft(c) == obj.free \/ IsOwnOrphan(c)
MayTake(c) == obj.on /\ ~IsOurs(c) /\ (IsLeft(c) \/ (~Observing /\ IsStale(c)))

(* What one read shows, as its client will understand it. A holder's record is "other"; with Observing it is "seen",
   and `same` says whether it is what was seen before. *)
Shown(c) ==
  LET version == [NoAnswer EXCEPT !.g = 1, !.m = obj.m]
  IN CASE ~obj.on -> {[NoAnswer EXCEPT !.k = "absent"]}
       [] IsOurs(c) -> {[version EXCEPT !.k = "ours"]}
       [] OTHER -> (IF MayTake(c) THEN {[version EXCEPT !.k = "take"]} ELSE {})
                   \cup (IF Observing /\ ~obj.free
                         THEN {[version EXCEPT !.k = "seen", !.same = cl[c].seen.live, !.live = TRUE]}
                         ELSE IF MayTake(c) /\ Calm THEN {} ELSE {[NoAnswer EXCEPT !.k = "other"]})

(* The base of a record that will be recognised: the latest read that showed anything but our lease id, else the
   first write. *)
BaseAfter(c, answer) == IF answer.k = "ours" THEN cl[c].base ELSE 0

WriteState(c) == [cl[c] EXCEPT !.pc = "writing", !.sent[0] = 0, !.answer = NoAnswer, !.read = 0]
(* What a client makes of an answer. *)
CreateAgain(c, state, answer) == answer.k = "absent" /\ Send(c, state, Request("create", c, 0, 0, 0))
TakeOver(c, state, answer) ==
  answer.k \in {"take", "seen"} /\ Send(c, state, Request("overwrite", c, answer.g, answer.m, 0))
Recognise(c, answer) ==
  answer.k = "ours" /\ Local(c, Grant(c, IF BaseFromFirstSend THEN cl[c].base ELSE 0, answer.g, answer.m))

(* Reads and acts on it in one step. *)
Read(c) ==
  /\ cl[c].pc = "reading" /\ ~SlowReads /\ ~Observing
  /\ \E answer \in Shown(c) :
       LET state == [WriteState(c) EXCEPT !.base = BaseAfter(c, answer)]
       IN \/ CreateAgain(c, state, answer) \/ TakeOver(c, state, answer) \/ Recognise(c, answer)
          \/ answer.k = "other" /\ cl[c].base # 0 /\ Local(c, [cl[c] EXCEPT !.base = 0])

(* The store looks; the answer is on its way. The base counts from here, which is the latest that the send of the read can
   have been. *)
ReadExecuted(c) ==
  /\ cl[c].pc = "reading" /\ (SlowReads \/ Observing) /\ cl[c].answer.k = "none"
  /\ \E answer \in Shown(c) :
       /\ answer.k = "other" => cl[c].base # 0
       /\ Local(c, [cl[c] EXCEPT !.base = BaseAfter(c, answer),
                                 !.answer = IF answer.k = "other" THEN NoAnswer ELSE answer])
ReadArrived(c) ==
  /\ cl[c].pc = "reading" /\ cl[c].answer.k \in {"absent", "take", "ours"}
  /\ \/ CreateAgain(c, WriteState(c), cl[c].answer) \/ TakeOver(c, WriteState(c), cl[c].answer)
     \/ Recognise(c, cl[c].answer)

(* stale.ts, rule 2: the same at both ends, counted from when the first answer arrived. A record that was changed since
   starts anew: a takeover of the version that was read would be refused. *)
Observed(c) == IF cl[c].answer.same THEN cl[c].seen
               ELSE [live |-> cl[c].answer.live, since |-> IF ObservedFromArrival THEN 0 ELSE cl[c].read]
ObservationArrived(c) ==
  /\ cl[c].pc = "reading" /\ cl[c].answer.k = "seen"
  /\ LET seen == Observed(c)
     IN IF seen.since >= OldAge THEN TakeOver(c, [WriteState(c) EXCEPT !.seen = seen], cl[c].answer)
        ELSE Local(c, [cl[c] EXCEPT !.seen = seen, !.answer = NoAnswer, !.read = 0])
(* waiting: the read that is next has not left yet. *)
Wait(c) == /\ CountsRead /\ cl[c].pc = "reading" /\ cl[c].answer.k = "none" /\ cl[c].read > 0
           /\ Local(c, [cl[c] EXCEPT !.read = 0])

Acquire(c) == Create(c) \/ WriteApplied(c) \/ WriteUnknown(c) \/ Read(c) \/ ReadExecuted(c) \/ ReadArrived(c)
              \/ ObservationArrived(c) \/ Wait(c)
=============================================================================
