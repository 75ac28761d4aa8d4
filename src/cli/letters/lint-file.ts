/**
 * Linting a file: a letter's text (`.txt`, `.md`), a template (`.json`, `.yaml`), or a pack's file with `templates`.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { parseUtf8 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { type Finding, LINT_TEXT_MAX, lintLetter } from '#core/letter-template/lint.ts';
import { parseTemplate, type Template } from '#core/letter-template/template.ts';
import { inputErrorsOf, parseInput } from '#wire/input.ts';
import { letterTemplateSchema } from '#wire/templates.ts';
import { placeOf, problemText } from '../packs/place.ts';
import { readYaml, type Yaml } from '../packs/yaml.ts';

/** A finding, and where in the file: both from 1, columns in UTF-16 code units. */
export interface Located extends Finding {
  readonly line: number;
  readonly column: number;
}

const LINT_BYTES_MAX = 2 ** 20;

/**
 * Lints a file by its extension.
 *
 * @throws {Failure} `input_invalid`, if it can't be read or is of another kind; `template_invalid`, if it is no template.
 */
export function lintFile(file: string): readonly Located[] {
  const text = readText(file);
  switch (extname(file).toLowerCase()) {
    case '.txt':
    case '.md':
      return lintText(file, text);
    case '.json':
    case '.yaml':
      return lintTemplates(readTemplateFile(file, text), file);
    default:
      throw new Failure('input_invalid', `${file}: want a text (.txt, .md) or a template (.json, .yaml)`);
  }
}

function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    if (statSync(file).size > LINT_BYTES_MAX) throw new Failure('too_large', `want ${LINT_BYTES_MAX} bytes at most`);
    bytes = readFileSync(file);
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can't be read: want a letter's text or a template`, { cause });
  }
  try {
    return parseUtf8(bytes).replaceAll('\r\n', '\n');
  } catch (cause) {
    throw new Failure('input_invalid', `${file}: want UTF-8`, { cause });
  }
}

function lintText(file: string, text: string): readonly Located[] {
  if (text.length > LINT_TEXT_MAX || text.trim() === '') {
    throw new Failure('input_invalid', `${file}: want text of a letter, 1 to ${LINT_TEXT_MAX} characters`);
  }
  return lintLetter({ text, template: null }).map((finding) => {
    const before = text.slice(0, finding.at.kind === 'text' ? finding.at.offset : 0);
    return { ...finding, line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
  });
}

function readTemplateFile(file: string, text: string): Yaml {
  const yaml = readYaml(file, text);
  const [first] = yaml.problems;
  if (first !== undefined) throw new Failure('template_invalid', problemText(first));
  return yaml;
}

function lintTemplates(yaml: Yaml, file: string): readonly Located[] {
  return templatesIn(yaml.value).flatMap(({ prefix, value }) =>
    lintLetter({ text: null, template: readTemplate(value, prefix, yaml, file) }).map((finding): Located => {
      const path = joined(prefix, finding.at.kind === 'template' ? finding.at.path : '');
      const { line, column } = placeOf(yaml.places, path, { file, line: 1, column: 1 });
      return { ...finding, at: { kind: 'template', path }, line, column };
    }),
  );
}

/** A template, or those of a pack, each with the path it stands at. */
function templatesIn(value: unknown): readonly { readonly prefix: string; readonly value: unknown }[] {
  const templates = typeof value === 'object' && value !== null && 'templates' in value ? value.templates : undefined;
  if (!Array.isArray(templates)) return [{ prefix: '', value }];
  return templates.map((each: unknown, at) => ({ prefix: `templates[${at}]`, value: each }));
}

function readTemplate(value: unknown, prefix: string, { places }: Yaml, file: string): Template {
  const refuse = (at: string, message: string, cause: Failure): Failure => {
    const path = joined(prefix, at);
    const { line, column } = placeOf(places, path, { file, line: 1, column: 1 });
    return new Failure('template_invalid', `${file}:${line}:${column} ${path || 'the file'}: ${message}`, { cause });
  };
  try {
    return parseTemplate(parseInput(letterTemplateSchema, value));
  } catch (cause) {
    if (!isFailure(cause)) throw cause;
    const [first] = inputErrorsOf(cause);
    throw first === undefined ? refuse('', cause.message, cause) : refuse(first.at, first.message, cause);
  }
}

function joined(prefix: string, path: string): string {
  return prefix === '' || path === '' ? `${prefix}${path}` : `${prefix}.${path}`;
}
