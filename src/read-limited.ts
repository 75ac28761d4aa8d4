/** Reads what others answer, and no more of it than is wanted. */
import { Failure } from '#core/failure.ts';

/** @throws {Failure} `too_large` */
export async function readLimited({ body }: Response, bytesMax: number, who: string): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Failure('too_large', `${who} answers ${bytesMax} bytes at most`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
