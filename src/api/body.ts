/**
 * Reading a request's body: JSON only, and never more of it than the limit, whatever its headers say.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { Failure } from '#core/failure.ts';

export const BODY_BYTES_MAX = 256 * 1024;

const JSON_TYPE = /^application\/json *(?:; *charset="?utf-8"?)?$/i;

/**
 * Reads the raw bytes.
 *
 * @throws {Failure} `media_type`; `too_large`; `json_malformed`, if the body breaks off.
 */
export async function readBody(call: Call, bytesMax: number = BODY_BYTES_MAX): Promise<Uint8Array> {
  // A form or an image of another site's page can post without asking us first, but not as JSON.
  if (!JSON_TYPE.test(call.req.header('content-type') ?? '')) {
    throw new Failure('media_type', 'want content-type: application/json');
  }
  if ((call.req.header('content-encoding') ?? 'identity') !== 'identity') {
    throw new Failure('media_type', 'want a body without content-encoding');
  }
  const length = call.req.header('content-length');
  if (length !== undefined && Number(length) > bytesMax) throw tooLarge(bytesMax);
  try {
    // The runtime holds a sender to its content-length; without one nobody does but us.
    return length === undefined
      ? await readStream(call.req.raw.body, bytesMax)
      : new Uint8Array(await call.req.arrayBuffer());
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('json_malformed', 'the body broke off', { cause });
  }
}

async function readStream(stream: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (stream !== null) {
    const reader = stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.length;
      if (bytes > bytesMax) {
        await reader.cancel();
        throw tooLarge(bytesMax);
      }
      chunks.push(next.value);
    }
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function tooLarge(bytesMax: number): Failure {
  return new Failure('too_large', `want at most ${bytesMax} bytes`);
}
