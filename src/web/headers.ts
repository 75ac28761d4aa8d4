/** What every page is sent with. Strict, so that even a mistake in our own pages could load and send nothing. */

/** What a page does that others do not. */
export interface PageKind {
  /** The modules it runs, by name: only then may it run our scripts, and call us. */
  readonly scripts?: readonly string[];
  /** Origins besides ours that its forms are sent to, such as an identity provider's. */
  readonly formActions?: readonly string[];
}

/** Headers of one kind of page. */
export function pageHeaders({ scripts = [], formActions = [] }: PageKind = {}): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    // The sign of the page in a browser's tab.
    "img-src 'self'",
    ...(scripts.length === 0 ? [] : ["script-src 'self'", "connect-src 'self'"]),
    "base-uri 'none'",
    `form-action ${["'self'", ...formActions.map(originOf)].join(' ')}`,
    "frame-ancestors 'none'",
  ];
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    // Other sites learn nothing; our own forms need to say where they stood, or their browser says `origin: null`.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** Whatever else an address says can't widen the policy. */
function originOf(address: string): string {
  return new URL(address).origin;
}

/** The headers of a page without scripts. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = pageHeaders();
