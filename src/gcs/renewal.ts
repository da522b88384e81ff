/**
 * Marks a client's cached token as expired after the store refused it, so that the client fetches a new one
 * before it sends again. Tells whether it can: a client that holds a bare token has nothing to renew it with.
 *
 * Through `setCredentials`, which every client of google-auth-library has. The library's own way of
 * renewing after 401 leaves holes: it is off by default for a token whose expiry is known, and the client
 * for service account keys hands out its cached token again.
 *
 * @param authorization - the header that the store refused. A token that another request has renewed in the
 * meantime is left alone.
 */
export function expireToken(client: object, authorization: string | null): boolean {
  const credentials: unknown = Reflect.get(client, 'credentials');
  const setCredentials: unknown = Reflect.get(client, 'setCredentials');
  if (typeof credentials !== 'object' || credentials === null || typeof setCredentials !== 'function')
    return false;
  const token: unknown = Reflect.get(credentials, 'access_token');
  if (typeof token !== 'string' || !canRenew(client, credentials)) return false;
  if (authorization?.endsWith(` ${token}`) === true) {
    Reflect.apply(setCredentials, client, [{ ...credentials, expiry_date: 1 }]);
  }
  return true;
}

/** Whether a client has something to get a new token with. */
function canRenew(client: object, credentials: object): boolean {
  return (
    typeof Reflect.get(credentials, 'refresh_token') === 'string' ||
    typeof Reflect.get(client, 'refreshHandler') === 'function' ||
    // Workload identity federation: the subject token is exchanged anew.
    typeof Reflect.get(client, 'retrieveSubjectToken') === 'function'
  );
}
