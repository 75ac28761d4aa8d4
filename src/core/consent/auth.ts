/** How the caller was authenticated: not at all, by its signed request, by the subject's statement, by a session. */
export const AUTH = ['none', 'http-sig', 'statement', 'session'] as const;
export type Auth = (typeof AUTH)[number];
