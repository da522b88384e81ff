"""Carries out calls with google-cloud-storage: python driver.py URL BUCKET."""

import hashlib
import json
import sys

from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage


def guards_of(call):
    """The preconditions of a call, by the names of this client."""
    names = {
        "ifGenerationMatch": "if_generation_match",
        "ifMetagenerationMatch": "if_metageneration_match",
    }
    return {ours: int(call[name]) for name, ours in names.items() if name in call}


def describe(blob):
    """What this client sees of an object, by the names of the JSON API."""
    blob.reload()
    seen = {
        "name": blob.name,
        "generation": str(blob.generation),
        "metageneration": str(blob.metageneration),
        "size": str(blob.size),
        "contentType": blob.content_type,
        "cacheControl": blob.cache_control,
        "storageClass": blob.storage_class,
        "metadata": blob.metadata,
    }
    return {key: value for key, value in seen.items() if value is not None}


def carry_out(bucket, call):
    """Does what a call asks and says what came of it."""
    op = call["op"]
    if op == "list":
        found = bucket.client.list_blobs(bucket, prefix=call["prefix"], delimiter=call["delimiter"])
        names = [blob.name for blob in found]
        return {"names": names, "prefixes": sorted(found.prefixes)}
    blob = bucket.blob(call["name"])
    if op == "create":
        blob.metadata = call["metadata"]
        blob.upload_from_string(call["text"] * call["repeat"], **guards_of(call))
    elif op == "describe":
        return {"object": describe(blob)}
    elif op == "read":
        start, length = call.get("offset"), call.get("length")
        end = None if length is None else start + length - 1
        body = blob.download_as_bytes(start=start, end=end)
        return {"size": len(body), "md5": hashlib.md5(body).hexdigest()}
    elif op == "patch":
        blob.metadata = call["metadata"]
        blob.patch(**guards_of(call))
    elif op == "delete":
        blob.delete(**guards_of(call))
    else:
        raise ValueError(f"no such call: {op}")
    return {}


def main(url, bucket_name):
    client = storage.Client(
        project="p",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": url},
    )
    bucket = client.bucket(bucket_name)
    for line in sys.stdin:
        try:
            outcome = {"status": 200, **carry_out(bucket, json.loads(line))}
        except GoogleAPICallError as error:
            outcome = {"status": int(error.code)}
        except Exception as error:  # told to the test, which fails with it
            outcome = {"status": 0, "failure": repr(error)}
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
