import type { Html } from '../html.ts';
import type { Words } from '../words/zh.ts';

/** A component, or several of a kind, by its name, with samples. */
export type Sample = readonly [name: keyof Words['components']['names'], shown: Html];
