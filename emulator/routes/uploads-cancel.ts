import { CANCELLED, sessionOf } from './uploads-send.ts';
import type { Answer, Call } from '../call.ts';

/** `DELETE` of a resumable upload's address: its bytes are gone, and it answers 499 from now on. */
export function cancelUpload(call: Call): Answer {
  const session = sessionOf(call);
  if (session.finished === undefined) session.cancel();
  // The object stays, and only the address goes.
  else call.uploads.forget(session.id);
  return CANCELLED;
}
