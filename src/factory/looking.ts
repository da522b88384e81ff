import type { Connection } from '../connection.ts';
import { NewerVersionError } from '../errors.ts';
import { describeObject } from '../gcs/json-api.ts';
import { listPage } from '../gcs/listing.ts';
import { type DescribedObject, seenAs } from '../gcs/outcome.ts';
import { GROUP_DOCUMENTS, Listed, type ListedLock } from './listed.ts';
import { type Asker, errorContext } from '../lock.ts';
import type { LockFolder } from '../lock-name.ts';
import { LOCK_CODEC } from '../protocol/record.ts';
import { otherObject, untilKnown } from '../reading.ts';
import { withTimeLimit } from '../time-limit.ts';

/** What is at a name, as `GcsLocks.find` gives it. */
export type FoundLock = Exclude<ListedLock, { kind: 'newer' }>;

/** Looks at what lies in a folder. */
export class FolderLook {
  readonly #folder: LockFolder;
  readonly #connection: Connection;

  /** Does no I/O. */
  constructor(folder: LockFolder, connection: Connection) {
    this.#folder = folder;
    this.#connection = connection;
  }

  /**
   * Everything of this library whose name begins with a prefix, by name.
   *
   * @param goesOn - whether another page is worth its price.
   */
  async *list(
    prefix: string,
    signal: AbortSignal | undefined,
    goesOn: () => Promise<boolean> = () => Promise.resolve(true),
  ): AsyncGenerator<ListedLock, void, void> {
    const listed = this.#listed();
    let pageToken: string | undefined;
    do {
      const page = await this.#page(prefix, pageToken, signal);
      for (const object of page.objects) yield* listed.add(object);
      pageToken = page.nextPageToken;
      if (pageToken !== undefined && !(await goesOn())) return;
    } while (pageToken !== undefined);
    yield* listed.end();
  }

  /**
   * What is at a name, which is one below the folder.
   *
   * @throws ForeignObjectError, NewerVersionError, an error of the store, or the signal's reason.
   */
  async find(name: string, signal: AbortSignal | undefined): Promise<FoundLock | undefined> {
    const asker = this.#asker(name);
    const object = await this.#describe(asker, name, signal);
    if (object !== undefined) return this.#kindOf(asker, name, object);
    // Below the name of a folder may lie very many locks, of which none is at that name.
    let isGroup = false;
    const goesOn = async (): Promise<boolean> => (isGroup ||= await this.#isGroup(name, signal));
    for await (const found of this.list(`${name}/`, signal, goesOn)) {
      if (found.kind !== 'newer') {
        if (found.url === asker.url) return found;
      } else if (GROUP_DOCUMENTS.includes(found.url.slice(asker.url.length + 1))) {
        throw new NewerVersionError(found.schema, errorContext(asker));
      }
    }
    return undefined;
  }

  async #isGroup(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    for (const document of GROUP_DOCUMENTS) {
      const below = `${name}/${document}`;
      if ((await this.#describe(this.#asker(below), below, signal)) !== undefined) return true;
    }
    return false;
  }

  #kindOf(asker: Asker, name: string, object: DescribedObject): FoundLock | undefined {
    const [found] = this.#listed().add({ name, object });
    if (found?.kind === 'newer') throw new NewerVersionError(found.schema, errorContext(asker));
    if (found !== undefined) return found;
    const lock = seenAs(object, LOCK_CODEC);
    // What is a lock's record, Listed knows.
    if (lock.content.kind === 'record') return undefined;
    throw otherObject(lock, lock.content, errorContext(asker));
  }

  #listed(): Listed {
    return new Listed(this.#folder, this.#connection.settings);
  }

  #asker(below: string): Asker {
    const { settings, parts } = this.#connection;
    return {
      url: `gs://${this.#folder.bucket}/${below}`,
      settings,
      clock: parts.clock,
      random: parts.random,
    };
  }

  async #describe(
    asker: Asker,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<DescribedObject | undefined> {
    const { endpoint, parts, userProject } = this.#connection;
    const target = { endpoint, bucket: this.#folder.bucket, name, userProject };
    const seen = await withTimeLimit(asker, signal, (limit) =>
      untilKnown(asker, limit, (attempt) => describeObject(target, parts.transport, { signal: attempt })),
    );
    return seen.kind === 'found' ? seen.object : undefined;
  }

  #page(prefix: string, pageToken: string | undefined, signal: AbortSignal | undefined) {
    const { endpoint, parts, userProject } = this.#connection;
    const target = { endpoint, bucket: this.#folder.bucket, prefix, userProject };
    const asker = this.#asker(this.#folder.prefix);
    return withTimeLimit(asker, signal, (limit) =>
      untilKnown(asker, limit, (attempt) => listPage(target, pageToken, parts.transport, attempt)),
    );
  }
}
