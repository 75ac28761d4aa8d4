/** Compressing an answer, where its caller takes that and it is long enough to pay. */

/** Below this an answer fits into a packet or two anyway. */
const GZIP_BYTES_MIN = 1_024;

export interface Encoded {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Encodes bytes as the header `accept-encoding` of their caller allows. */
export async function gzipped(accepted: string | undefined, bytes: Uint8Array): Promise<Encoded> {
  const vary = { vary: 'accept-encoding' };
  if (bytes.length < GZIP_BYTES_MIN || !takesGzip(accepted ?? '')) return { body: bytes, headers: vary };
  const stream = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new CompressionStream('gzip'));
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  return { body, headers: { ...vary, 'content-encoding': 'gzip' } };
}

/** RFC 9110, section 12.5.3: named, and not with a weight of zero. */
function takesGzip(accepted: string): boolean {
  return accepted.split(',').some((each) => {
    const [name = '', ...params] = each.split(';').map((part) => part.trim().toLowerCase());
    return name === 'gzip' && !params.some((param) => /^q=0(?:\.0{0,3})?$/.test(param));
  });
}
