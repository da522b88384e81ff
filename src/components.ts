import type { Logger } from './events.ts';
import { createGoogleTransport } from './gcs/auth.ts';
import type { Endpoint } from './gcs/endpoint.ts';
import type { Transport } from './gcs/transport.ts';
import type { AuthLike, BucketLike } from './gcs/types.ts';
import { wrongType } from './gcs/invalid-argument.ts';
import { type ProcessMemory, processMemory } from './memory.ts';
import { checkOptionNames } from './arguments.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { type Random, systemRandom } from './platform/random.ts';

/** The parts that a test replaces; never needed otherwise. */
export interface Components {
  /** Default: the system's clocks. */
  readonly clock?: Clock;
  /** Default: the system's random source. */
  readonly random?: Random;
  /** From request to answer. Default: google-auth-library, loaded on the first request. */
  readonly transport?: Transport;
  /** Gets every event of the lock. Default: none; see also the diagnostics channel. */
  readonly logger?: Logger;
  /** What one process remembers of its locks. Default: this process's own. */
  readonly memory?: ProcessMemory;
}

/** The components with every default filled in. */
export interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly logger: Logger | undefined;
  readonly memory: ProcessMemory;
}

/** Picks the real clock, random source and transport, unless a test brings its own. */
export function resolveComponents(
  components: Components,
  endpoint: Endpoint,
  auth: AuthLike | undefined,
  bucket: BucketLike | undefined,
): Parts {
  checkOptionNames(components, 'components', ['clock', 'random', 'transport', 'logger', 'memory']);
  const { logger, transport } = components;
  if (logger !== undefined && typeof logger !== 'function')
    throw wrongType('components.logger', logger, 'a function');
  return {
    clock: components.clock ?? systemClock,
    random: components.random ?? systemRandom,
    transport: transport ?? createGoogleTransport({ endpoint, auth, bucket }),
    logger,
    memory: components.memory ?? processMemory,
  };
}
