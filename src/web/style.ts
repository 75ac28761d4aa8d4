/**
 * The one style sheet: tokens first, everything else in terms of them. Light and dark, from 360 px on.
 *
 * @module
 */
import { BASE } from './style/base.ts';
import { CONTROLS } from './style/controls.ts';
import { FRAME } from './style/frame.ts';
import { MODES } from './style/modes.ts';
import { PARTS } from './style/parts.ts';
import { RECORDS } from './style/records.ts';
import { STEPS } from './style/steps.ts';
import { TOKENS } from './tokens.ts';

export const STYLE: string = [TOKENS, BASE, FRAME, PARTS, STEPS, CONTROLS, RECORDS, MODES].join('\n');
