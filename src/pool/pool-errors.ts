import { type ErrorContext, GcsMutexError } from '../errors.ts';

/** A pool has other resources than it was to have. */
export class ResourcesMismatchError extends GcsMutexError {
  override readonly name = 'ResourcesMismatchError';
  readonly code = 'ERR_RESOURCES_MISMATCH';
  /** The resources that are stored, and count. */
  readonly stored: readonly string[];
  /** The resources that were given to the constructor. */
  readonly given: readonly string[];

  constructor(
    lists: { readonly stored: readonly string[]; readonly given: readonly string[] },
    context: ErrorContext,
  ) {
    const { stored, given } = lists;
    const missing = given.filter((name) => !stored.includes(name));
    const more = stored.filter((name) => !given.includes(name));
    const differences = [
      ...(missing.length > 0 ? [`does not have ${tell(missing)}`] : []),
      ...(more.length > 0 ? [`has ${tell(more)} besides`] : []),
    ];
    super(
      `${context.lock} ${differences.join(' and ')}: give { resources } as they are stored, or leave them out and take ` +
        'what is stored; add() and remove() change it for everybody.',
      context,
    );
    this.stored = stored;
    this.given = given;
  }
}

/** Nobody has said yet which resources a pool has. */
export class ResourcesUnknownError extends GcsMutexError {
  override readonly name = 'ResourcesUnknownError';
  readonly code = 'ERR_RESOURCES_UNKNOWN';

  constructor(context: ErrorContext) {
    super(
      `${context.lock} has no resources yet, or they were cleaned away: give { resources } to the constructor, at ` +
        'least once, or call add().',
      context,
    );
  }
}

/** A few names, for people. */
export function tell(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
