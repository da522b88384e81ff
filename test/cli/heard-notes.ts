import { Notes } from '../../src/cli/notes.ts';

/** Keeps what would be said. */
export class HeardNotes extends Notes {
  readonly warnings: string[] = [];

  override warn(text: string): void {
    this.warnings.push(text);
  }
}
