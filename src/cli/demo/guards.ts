/** Asks a server one thing by HTTP; the path begins with `/`. */
export type Ask = (method: string, path: string, body?: string) => Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** How a server falls short of what Google promises and the lock rests on. */
export interface Shortfall {
  /** The calls that take no notice of a precondition, by its name. */
  readonly ignored: ReadonlyMap<string, readonly string[]>;
  /** What a patch should change of the object and does not. */
  readonly unmoved: readonly string[];
  /** Whether the answer to a patch leaves out the version, so that a refresh has to be read again. */
  readonly isPatchAnswerShort: boolean;
}

/** What is read of an object. */
interface Facts {
  readonly metageneration?: string;
  readonly updated?: string;
}

/** A version that no object has. */
const WRONG = '7';

/**
 * Finds out, by writes that must be refused, which preconditions a server does not check, and what its
 * patches leave as it was.
 *
 * Emulators differ here, and their newer versions from their older ones: asking is better than knowing names.
 *
 * @param name - of an object that is made for this and removed again.
 */
export async function findShortfall(ask: Ask, bucket: string, name: string): Promise<Shortfall> {
  const object = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=json`;
  const upload = `/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  const calls: Readonly<Record<string, (guards: string) => Promise<Answer>>> = {
    insert: (guards) => ask('POST', `${upload}${guards}`, 'gcs-mutex demo'),
    patch: (guards) => ask('PATCH', `${object}${guards}`, JSON.stringify({ metadata: { guards } })),
    delete: (guards) => ask('DELETE', `${object}${guards}`),
  };
  await calls['insert']?.('');
  const before = factsOf(await ask('GET', object));
  const patched = await ask('PATCH', object, JSON.stringify({ metadata: { guards: 'none' } }));
  const after = factsOf(await ask('GET', object));

  const ignored = new Map<string, string[]>();
  // The delete comes last and once: if it goes through there is nothing left to try another one on.
  for (const [call, send] of Object.entries(calls)) {
    for (const precondition of ['ifGenerationMatch', 'ifMetagenerationMatch']) {
      if (call === 'delete' && precondition === 'ifMetagenerationMatch') continue;
      const { status } = await send(`&${precondition}=${WRONG}`);
      if (status !== 412) ignored.set(precondition, [...(ignored.get(precondition) ?? []), call]);
    }
  }
  await ask('DELETE', object);
  return {
    ignored,
    unmoved: (['metageneration', 'updated'] as const).filter((fact) => before[fact] === after[fact]),
    isPatchAnswerShort: factsOf(patched).metageneration === undefined,
  };
}

/** Whether a late release would delete somebody else's lock there. */
export function isDeleteUnguarded({ ignored }: Shortfall): boolean {
  return ignored.get('ifGenerationMatch')?.includes('delete') ?? false;
}

/** The shortfall for people, a sentence each. */
export function describeShortfall(shortfall: Shortfall): readonly string[] {
  const { ignored, unmoved, isPatchAnswerShort } = shortfall;
  const sentences: string[] = [];
  const unchecked = [...ignored].map(([precondition, calls]) => `${precondition} on ${list(calls)}`);
  if (unchecked.length > 0) sentences.push(`This server does not check ${list(unchecked)}. Google does.`);
  if (isDeleteUnguarded(shortfall)) {
    sentences.push("A late release would delete the next holder's lock here, so none is tried.");
  }
  if (unmoved.length > 0) {
    sentences.push(
      `A refresh does not change ${list(unmoved)} of the object here, so that only watching it tells a dead holder.`,
    );
  }
  if (isPatchAnswerShort) {
    sentences.push('It answers a refresh with half of what was asked for, so that each is read again.');
  }
  return sentences;
}

function list(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

function factsOf(answer: Answer): Facts {
  try {
    const facts: Facts = JSON.parse(answer.body);
    return facts;
  } catch {
    return {};
  }
}
