import type { Bug } from './bugs.ts';

const kind = 'semaphore';

/** Mistakes in what makes a semaphore of several locks. */
export const SEMAPHORE_BUGS: readonly Bug[] = [
  {
    name: 'semaphore: slots from one on',
    kind,
    module: 'semaphore/semaphore-permits',
    text: '(_, index) => slotName(index)',
    instead: '(_, index) => slotName(index + 1)',
  },
  {
    name: 'semaphore: a slot too many',
    kind,
    module: 'semaphore/semaphore-permits',
    text: 'Array.from({ length: permits }',
    instead: 'Array.from({ length: permits + 1 }',
    also: {
      module: 'semaphore/semaphore-permits',
      text: 'atMost: Math.max(0, permits - heldCount)',
      instead: 'atMost: permits',
    },
  },
  {
    name: 'semaphore: the number of permits is read once',
    kind,
    module: 'semaphore/semaphore',
    text: 'const { permits } = await agreedDocument(',
    instead: 'const { permits } = this.group ??= await agreedDocument(',
  },
  {
    name: 'semaphore: a part of what was wanted is granted',
    kind,
    module: 'group/group-acquisition',
    text: 'leases.length === count',
    instead: 'leases.length > 0',
  },
  {
    name: 'semaphore: a part of what was wanted is kept',
    kind,
    module: 'group/group-acquisition',
    text: 'void lease[Symbol.asyncDispose]();',
    instead: 'void 0;',
  },
  {
    name: 'semaphore: a slot is taken over whatever its age',
    kind,
    module: 'group/group-acquisition',
    text: 'timeUntilFree(this.#group, view, name) }',
    instead: '0 }',
    also: {
      module: 'group/group-acquisition',
      text: "read: view.locks.get(name)?.read ?? { outcome: { kind: 'absent' } }",
      instead: "read: { outcome: { kind: 'absent' }, ...view.locks.get(name)?.read, isOwnOrphan: true }",
    },
  },
  {
    name: 'semaphore: a release forgets a slot',
    kind,
    module: 'semaphore/semaphore-lease',
    text: 'this.#leases.map((lease) => lease.release(options))',
    instead: 'this.#leases.slice(1).map((lease) => lease.release(options))',
  },
  {
    name: 'semaphore: held while one of its slots is',
    kind,
    module: 'semaphore/semaphore-lease',
    text: 'this.lossError === undefined && this.#leases.every(',
    instead: 'this.#leases.some(',
  },
  {
    name: 'semaphore: the loss of one slot goes unnoticed',
    kind,
    module: 'semaphore/semaphore-lease',
    text: 'onAbort(lease.signal, () => this.#onLost(lease));',
    instead: 'void 0;',
  },
  {
    name: 'semaphore: what was given up before goes on being refreshed',
    kind,
    module: 'semaphore/semaphore-lease',
    text: 'void lease[Symbol.asyncDispose]();',
    instead: 'void 0;',
  },
];
