/** The record of a lock as a holder that is dead has left it, in the form in which it is stored. */
export const LEFT_BEHIND = {
  schema: 'gcs-mutex/1',
  state: 'held',
  'lease-id': 'd'.repeat(32),
  'ttl-ms': '60000',
  'refresh-count': '0',
  holder: 'gone',
};
