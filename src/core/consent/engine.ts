/** The engine of this code: it decides new accesses, and all that earlier ones decided again. */
export const ENGINE = 3;
