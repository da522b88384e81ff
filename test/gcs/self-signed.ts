import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate that nobody has signed but itself, as `node:tls` takes them. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
}

const OID = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  basicConstraints: '0603551d13',
  subjectAltName: '0603551d11',
};

/**
 * Makes a certificate for some host names and for 127.0.0.1, good for a day. Made anew for each run, so that no
 * private key lies in the repository.
 *
 * By hand, since `node:crypto` reads certificates and does not make them: the fields of RFC 5280, section 4.1.
 */
export function selfSigned(hosts: readonly string[]): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(0x30, hex(OID.ecdsaWithSha256));
  const name = der(0x30, der(0x31, der(0x30, hex(OID.commonName), der(0x0c, Buffer.from('a test')))));
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(0x30, time(Date.now() - 3_600_000), time(Date.now() + 86_400_000)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, der(0x30, authority(), alternativeNames(hosts))),
  );
  const signature = sign('sha256', content, privateKey);
  const whole = der(0x30, content, algorithm, der(0x03, Buffer.from([0]), signature));
  const base64 = whole.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

/** Its own issuer, so that whoever trusts it accepts it. */
function authority(): Buffer {
  const value = der(0x30, der(0x01, Buffer.from([0xff])));
  return der(0x30, hex(OID.basicConstraints), der(0x01, Buffer.from([0xff])), der(0x04, value));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => der(0x82, Buffer.from(host)));
  const value = der(0x30, ...names, der(0x87, Buffer.from([127, 0, 0, 1])));
  return der(0x30, hex(OID.subjectAltName), der(0x04, value));
}

function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

/** One value with its tag and its length. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
