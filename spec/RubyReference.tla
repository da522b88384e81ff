---------------------------- MODULE RubyReference ----------------------------
(* The algorithm of the Ruby gem distributed-lock-google-cloud-storage (FooBarWidget, lib/.../lock.rb), from which this
   library's task came: refresh, reset of a stale lock and release are guarded by the metageneration alone, which
   starts at 1 in every generation. Whether a lock is stale, its `expires_at` and the reader's wall clock decide.

   Generous to it: every request is one atomic step with an answer that arrives, and all wall clocks agree unless
   Ahead > 0. Time is relative, as in Basics: `left` counts down to expires_at. Generations that nobody knows any more
   are used again. *)
EXTENDS Naturals, FiniteSets, TLC
CONSTANTS Clients, Ttl,
          MaxMeta,   \* metagenerations of one object
          ResetByGeneration, RefreshByGeneration, ReleaseByGeneration,   \* FALSE in the gem
          Ahead,     \* by how much a reader's wall clock may be ahead of the holder's
          Healthy    \* belief is healthy? of the gem, its thread is alive; else: expires_at has not passed, too
VARIABLES obj, cl, wrongs
vars == <<obj, cl, wrongs>>
Symmetry == Permutations(Clients)
NoObject == [g |-> 0, m |-> 0, left |-> 0, own |-> 0]
Idle == [pc |-> "idle", g |-> 0, m |-> 0, left |-> 0]
Generations == 1..(Cardinality(Clients) + 2)
Unused == LET used == {obj.g} \cup {cl[c].g : c \in Clients}
          IN CHOOSE x \in Generations : x \notin used /\ \A y \in Generations : y < x => y \in used
Minus1(x) == IF x = 0 THEN 0 ELSE x - 1
Become(c, state) == cl' = [cl EXCEPT ![c] = state]
Init == obj = NoObject /\ cl = [c \in Clients |-> Idle] /\ wrongs = {}

(* lock *)
Lock(c) == cl[c].pc = "idle" /\ Become(c, [Idle EXCEPT !.pc = "creating"]) /\ UNCHANGED <<obj, wrongs>>
CreateLockObject(c) ==
  /\ cl[c].pc = "creating" /\ UNCHANGED wrongs
  /\ IF obj = NoObject
     THEN LET g == Unused IN
          /\ obj' = [g |-> g, m |-> 1, left |-> Ttl, own |-> c]
          /\ Become(c, [pc |-> "held", g |-> g, m |-> 1, left |-> Ttl])
     ELSE Become(c, [Idle EXCEPT !.pc = "investigating"]) /\ UNCHANGED obj
Investigate(c) ==
  /\ cl[c].pc = "investigating" /\ UNCHANGED <<obj, wrongs>>
  /\ Become(c, IF obj # NoObject /\ (obj.own = c \/ obj.left <= Ahead)
               THEN [pc |-> "resetting", g |-> obj.g, m |-> obj.m, left |-> 0]
               ELSE [Idle EXCEPT !.pc = "creating"])

(* delete_lock_object *)
Matches(c, byGeneration) == obj # NoObject /\ obj.m = cl[c].m /\ (byGeneration => obj.g = cl[c].g)
Delete(c, byGeneration) ==
  /\ obj' = IF Matches(c, byGeneration) THEN NoObject ELSE obj
  /\ wrongs' = IF Matches(c, byGeneration) /\ obj.g # cl[c].g /\ obj.left > 0 THEN {"live lock deleted"} ELSE wrongs
Reset(c) == cl[c].pc = "resetting" /\ Delete(c, ResetByGeneration) /\ Become(c, [Idle EXCEPT !.pc = "creating"])
Unlock(c) == cl[c].pc = "held" /\ Delete(c, ReleaseByGeneration) /\ Become(c, Idle)

(* refresh_lock. Refused: the lock is declared unhealthy. *)
RefreshLock(c) ==
  /\ cl[c].pc = "held" /\ cl[c].m < MaxMeta /\ UNCHANGED wrongs
  /\ IF Matches(c, RefreshByGeneration)
     THEN /\ obj' = [obj EXCEPT !.m = @ + 1, !.left = Ttl]
          /\ Become(c, [cl[c] EXCEPT !.m = @ + 1, !.left = Ttl])
     ELSE Become(c, Idle) /\ UNCHANGED obj

Crash(c) == cl[c].pc # "idle" /\ Become(c, Idle) /\ UNCHANGED <<obj, wrongs>>
Tick == /\ obj' = [obj EXCEPT !.left = Minus1(@)]
        /\ cl' = [c \in Clients |-> [cl[c] EXCEPT !.left = Minus1(@)]]
        /\ UNCHANGED wrongs
Next == Tick \/ \E c \in Clients : Lock(c) \/ CreateLockObject(c) \/ Investigate(c) \/ Reset(c) \/ RefreshLock(c)
                                   \/ Unlock(c) \/ Crash(c)
Spec == Init /\ [][Next]_vars

Holds(c) == cl[c].pc = "held" /\ (Healthy \/ cl[c].left > 0)
Mutex == \A c, d \in Clients : c # d => ~(Holds(c) /\ Holds(d))
NoLiveLockDeleted == wrongs = {}
=============================================================================
