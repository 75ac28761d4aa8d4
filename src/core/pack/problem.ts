/** What is wrong with a pack that could be read: where, what, and how badly. */

/** Every code, stable once released: tools switch on it. */
export type PackProblemCode =
  | 'calendar_mismatch'
  | 'class_mismatch'
  | 'credit_code_invalid'
  | 'cycle'
  | 'dates_reversed'
  | 'duplicate'
  | 'name_taken'
  | 'law_not_in_force'
  | 'needs_unknown'
  | 'pack_needed'
  | 'purpose_differs'
  | 'reference_unknown'
  | 'replaces_overlap'
  | 'retention_mismatch'
  | 'rule_mismatch'
  | 'version_overlap'
  | 'version_taken';

export interface PackProblem {
  /** A path such as `purposes[3].reasons[0].code`; empty for the whole. */
  readonly path: string;
  readonly code: PackProblemCode;
  /** An error keeps a pack from being published; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

export function wrong(path: string, code: PackProblemCode, message: string): PackProblem {
  return { path, code, severity: 'error', message };
}

export function doubtful(path: string, code: PackProblemCode, message: string): PackProblem {
  return { path, code, severity: 'warning', message };
}
