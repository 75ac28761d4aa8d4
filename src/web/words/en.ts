/** The same in English. What is legal text in it is a translation, and the pages mark it as one. */
import { components } from './en/components.ts';
import { docs } from './en/docs.ts';
import { failure } from './en/failure.ts';
import { frame } from './en/frame.ts';
import { home } from './en/home.ts';
import { keep } from './en/keep.ts';
import { me } from './en/me.ts';
import { parts } from './en/parts.ts';
import { receipt } from './en/receipt.ts';
import type { Words } from './zh.ts';

export const en: Words = { frame, parts, failure, home, docs, receipt, components, me, keep };
