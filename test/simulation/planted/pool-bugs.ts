import type { Bug } from './bugs.ts';

const kind = 'pool';

/** Mistakes in what makes a pool of several locks. */
export const POOL_BUGS: readonly Bug[] = [
  {
    name: 'pool: what was got is not looked up again',
    kind,
    module: 'pool/pool',
    text: 'confirm: ([lease], limit, tally) => this.#isMember(lease, limit, tally),',
    instead: 'confirm: async () => true,',
  },
  {
    name: 'pool: the names are read once',
    kind,
    module: 'pool/pool',
    text: 'const resources = await agreedDocument(',
    instead: 'const resources = this.group ??= await agreedDocument(',
  },
  {
    name: 'pool: any resource in place of those that are wanted',
    kind,
    module: 'pool/pool-resources',
    text: 'const wanted = names.filter((name) => only.includes(name));',
    instead: 'const wanted = names;',
  },
  {
    name: 'pool: a removal looks who holds before it writes',
    kind,
    module: 'pool/pool',
    text: 'await this.#change((before) => before && withoutResources(before, removed), options);',
    instead:
      'const view = await this.#look(options.signal); await this.#change((before) => before && withoutResources(before, removed), options);',
    also: {
      module: 'pool/pool',
      text: 'removed, await this.#look(options.signal), options.signal',
      instead: 'removed, view, options.signal',
    },
  },
  {
    name: 'pool: a removal leaves what a sleeping holder left',
    kind,
    module: 'pool/pool-removal',
    text: "if (state !== 'stale')",
    instead: 'if (true)',
  },
  {
    name: 'pool: an addition of what is there writes nothing',
    kind,
    module: 'pool/pool-resources',
    text: 'return fits ?',
    instead: 'return fits && !(seen && areSameResources(seen.value.names, value.names)) ?',
    also: {
      module: 'pool/pool-resources',
      text: "if (changed.kind === 'written')",
      instead:
        "if (changed.kind === 'left' && changed.why) return changed.why; if (changed.kind === 'written')",
    },
  },
  {
    name: 'pool: a change without an answer is decided anew',
    kind,
    module: 'protocol/document',
    text: '// Also after an answer that it was not applied:',
    instead: 'return decide(rest, known, event.at); //',
  },
  {
    name: 'pool: a live object outlives the loss of its resource',
    kind,
    module: 'pool/pooled-resource',
    text: 'this.#settling ??= this.lease.isHeld',
    instead: 'this.#settling ??= true',
  },
  {
    name: 'pool: a resource is given back before its live object is ended',
    kind,
    module: 'pool/live-objects',
    text: 'return ending;',
    instead: 'return Promise.resolve();',
  },
  {
    name: 'pool: a live object that is ended is used again',
    kind,
    module: 'pool/live-objects',
    text: 'this.#idle.delete(oldest);',
    instead: 'void 0;',
  },
  {
    name: 'pool: a live object that is used counts as idle',
    kind,
    module: 'pool/live-objects',
    text: 'this.#idle.delete(name);',
    instead: 'void 0;',
  },
  {
    name: 'pool: a resource of which nothing could be made is kept',
    kind,
    module: 'pool/live-objects',
    text: '.then(() => lease[Symbol.asyncDispose]());',
    instead: ';',
  },
];
