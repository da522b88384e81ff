import { bucketNotFound } from '../errors.ts';
import { objectEtag, objectResource } from '../resource.ts';
import { refuseIfKept, retainedUntil } from '../retention.ts';
import type { Answer, Call } from '../call.ts';
import type { StoredBucket, StoredObject } from '../stored.ts';
import type { Resource } from '../resource.ts';

/** The bucket that a call names, without its preconditions, which are the object's here. */
export function bucketOf(call: Call): StoredBucket {
  const bucket = call.store.bucket(call.bucket);
  if (bucket === undefined) throw bucketNotFound();
  return bucket;
}

/** An object as this call's answer shows it. */
export function objectJson(call: Call, object: StoredObject): Resource {
  return objectResource(object, call.origin, retainedUntil(object, bucketOf(call)));
}

/** An answer that is one object. */
export function objectAnswer(call: Call, object: StoredObject): Answer {
  return { kind: 'json', value: objectJson(call, object), etag: objectEtag(object) };
}

/**
 * Refuses to put something in the place of a live object for want of a permission, or because the service
 * keeps it. Preconditions come before it.
 */
export function refuseOverwrite(call: Call, live: StoredObject | undefined): void {
  if (live === undefined) return;
  call.access.demand('storage.objects.delete');
  refuseLoss(call, live);
}

/** Refuses to take away an object that the service keeps. Preconditions come before it. */
export function refuseLoss(call: Call, object: StoredObject): void {
  refuseIfKept(object, bucketOf(call), call.now);
}
