/** Where in a pack's files something stands, and what is wrong there. */

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Something wrong, at a path such as `purposes[3].reasons[0].code`; the path is empty for a file as such. */
export interface Problem extends Place {
  readonly path: string;
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** Places by the paths of the fields that stand there. */
export type Places = ReadonlyMap<string, Place>;

/** The place of a path, or of the nearest thing around it: what is missing stands nowhere. */
export function placeOf(places: Places, path: string, whole: Place): Place {
  for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/, '')) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return whole;
}

export function problemText({ file, line, column, path, severity, message }: Problem): string {
  const where = `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}`;
  return `${where}: ${severity === 'warning' ? 'warning: ' : ''}${message}`;
}
