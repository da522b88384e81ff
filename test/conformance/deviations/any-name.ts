import type { Deviation } from './row.ts';

/** What a server shows that takes any text for a name. */
export const ANY_NAME: NonNullable<Deviation['shows']> = {
  'a name may have 1024 bytes of UTF-8, and no more': { tooLong: 200 },
  'a name with a line break is 400, and nothing is made': { statuses: [200, 200], listed: ['a\nb', 'a\rb'] },
  'a name of one dot or two, or in the place of ACME challenges, is 400': {
    statuses: [200, 200, 200],
    listed: ['.', '..', '.well-known/acme-challenge/x'],
  },
};
