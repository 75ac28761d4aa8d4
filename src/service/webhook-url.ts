/**
 * Where a webhook may go: a party names an address, and our server calls it. It must not become a way into the network that
 * the server stands in (server-side request forgery), so that only public addresses are called, and only over TLS.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { WEBHOOK_URL_CHARS_MAX } from '#core/request/webhook.ts';

/** Names that are never public, whatever they resolve to. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|onion|test|invalid)$/;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** First address and prefix length of what is not public (IANA, IPv4 Special-Purpose Address Registry). */
const PRIVATE_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/**
 * Reads an address that a party names, into its one form. `loopback`: this server serves its own machine only, and may call
 * it, without TLS too.
 *
 * @throws {Failure} `input_invalid`
 */
export function parseWebhookUrl(text: string, loopback: boolean): string {
  const url = text.length <= WEBHOOK_URL_CHARS_MAX && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refused(`want a URL of at most ${WEBHOOK_URL_CHARS_MAX} characters`);
  if (url.username !== '' || url.password !== '') throw refused('want no name or password in it');
  if (url.hash !== '') throw refused('want no fragment');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (loopback && isLoopback(host) && /^https?:$/.test(url.protocol)) return url.href;
  if (url.protocol !== 'https:') throw refused('want https');
  // With a full stop behind it a name is the same, and none of the endings below.
  if (host.endsWith('.')) throw refused('want a host without a full stop at its end');
  const isPublic = isAddress(host) ? isPublicAddress(host) : host.includes('.') && !PRIVATE_NAME.test(host);
  if (!isPublic) throw refused('want a public host');
  return url.href;
}

/** Tells whether an address, as the system writes it, belongs to everybody's network. What it may be is public till shown. */
export function isPublicAddress(address: string): boolean {
  if (IPV4.test(address)) {
    const bits = bitsOf(address);
    return !PRIVATE_V4.some(([first, length]) => bits.startsWith(bitsOf(first).slice(0, length)));
  }
  const [first = 0, second = 0] = address.split(':').map((group) => Number.parseInt(group || '0', 16));
  // Global unicast is 2000::/3; without 6to4, Teredo and their like, which carry IPv4, and without documentation.
  const isGlobal = first >= 0x2000 && first <= 0x3fff;
  const isSpecial = first === 0x2002 || (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || first >= 0x3ff0;
  return isGlobal && !isSpecial;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isAddress(host: string): boolean {
  return IPV4.test(host) || host.includes(':');
}

function bitsOf(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
}

function refused(wanted: string): Failure {
  return new Failure('input_invalid', `url: ${wanted}`);
}
