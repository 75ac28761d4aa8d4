/**
 * The documentation of the API as a page, rendered out of its OpenAPI document, so that it says nothing else.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Html } from './html.ts';
import { EXPLAINED_ONCE, exampleOf, fieldsOf, type JsonSchema, limitsOf, type Schemas, typeOf } from './json-schema.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
import { heading } from './parts/sheet.ts';
import type { View } from './view.ts';
import { wordsOf } from './words.ts';

/** What this page reads of an OpenAPI 3.1 document. */
export interface ApiDocument {
  readonly info: { readonly description?: string };
  readonly components: { readonly schemas: Schemas };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A code of a failure, with what it says. */
export type ProblemRow = readonly [
  code: string,
  kind: { readonly status: number; readonly title: string; readonly next: string },
];

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly 'x-problems': readonly string[];
  /** Who reads it: anyone, or its parties. */
  readonly 'x-scope'?: string;
  /** Who signs it. */
  readonly 'x-signed'?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Renders the page. What it says of the API is English only, for that is what the document is in. */
export function docsPage(view: View, document: ApiDocument, problems: readonly ProblemRow[], address: string): Html {
  const { docs } = wordsOf(view);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Placed => ({ method: method.toUpperCase(), path, operation })),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '');
  return layout({
    title: docs.title,
    view,
    nav: mainNav(view),
    width: 'wide',
    body: html`${heading(docs.title, html`<span lang="en">${document.info.description ?? ''}</span>`)}
${docs.inEnglish === '' ? '' : html`<p class="soft">${docs.inEnglish}</p>`}
<nav class="contents" aria-label="${docs.contents}"><ul><li><a href="/openapi.json">openapi.json</a></li>
${[...byTag.keys()].map((tag) => html`<li><a href="#${tag.toLowerCase()}" lang="en">${tag}</a></li>`)}
<li><a href="#problems" lang="en">Problems</a></li></ul></nav>
<div lang="en">
${manners(document.components.schemas)}
${[...byTag].map(
  ([tag, each]) => html`<section id="${tag.toLowerCase()}"><h2>${tag}</h2>
${each.map((placed) => operationOf(placed, document.components.schemas, address))}</section>`,
)}
${problemsOf(problems)}
</div>`,
  });
}

function manners(schemas: Schemas): Html {
  return html`<section id="manners"><h2>How to talk to it</h2>
<p>Bodies are strict JSON in UTF-8: every field is there (<code>null</code> where there is none) that is not
optional, no other field is, no name
stands twice, numbers are whole. Every write takes one <code>Idempotency-Key</code>; repeat the same key when you repeat the
write, and the answer is the same. Times are milliseconds since 1970, UTC. Bytes are base64url without padding; in
proofs, base64.</p>
<p>Every write, and every read of what is not public, is signed (RFC 9421): <code>@method @authority @path @query</code>, and
with a body <code>content-digest</code> (RFC 9530, sha-256) and <code>idempotency-key</code>; with <code>created</code> in seconds,
<code>keyid</code>, <code>alg="ed25519"</code> and <code>tag="assent-v1"</code>. The key is named
<code>party/&lt;party&gt;/&lt;public key&gt;</code>, or by a subject <code>rel/&lt;handle&gt;/&lt;public key&gt;</code>. A signature
is taken for five minutes; sign again to repeat. <code>npx assent sign</code> prints the headers for curl, as below. What the
keeper does takes two signatures, under two labels. A subject's own statements need no signature but the one in their body.</p>
<p>What is not yours is answered like what does not exist. Answers to writes are signed by the ledger. Send
<code>assent-seen: &lt;size&gt;</code>, and no answer is older than the tree that you have seen.</p>
<p>An access that is denied is no error: it is answered like one that is allowed, and it is an entry.</p>
<details class="sheet"><summary>What a write answers about its <code>entry</code></summary>
${fieldTable(schemas[EXPLAINED_ONCE] ?? {}, schemas)}</details>
</section>`;
}

function operationOf({ method, path, operation }: Placed, schemas: Schemas, address: string): Html {
  const body = operation.requestBody?.content['application/json']?.schema;
  const [, made] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
  const [type, answer] = Object.entries(made?.content ?? {})[0] ?? [];
  return html`<details class="sheet" id="${operation.operationId}">
<summary><span class="method">${method}</span> <code>${path}</code> · ${operation.summary}</summary>
${operation.description === undefined ? '' : html`<p>${spoken(operation.description)}</p>`}
${operation.parameters === undefined ? '' : html`<h4>Parameters</h4>${parametersOf(operation.parameters)}`}
${body === undefined ? '' : html`<h4>Body</h4>${fieldTable(body, schemas)}`}
<h4>Try</h4><pre>${curlOf({ method, path, operation }, schemas, address)}</pre>
<h4>Answer <code>${type ?? ''}</code></h4>${answer === undefined ? '' : fieldTable(answer.schema, schemas)}
<h4>Problems</h4><p>${operation['x-problems'].map(
    (code) => html`<a href="#problem-${code}"><code>${code}</code></a> `,
  )}</p>
</details>`;
}

function parametersOf(parameters: readonly Parameter[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Parameters"><table><tbody>${parameters.map(
    (each) => html`<tr><th scope="row"><code>${each.name}</code></th>
<td>${each.in}${each.required ? '' : ', optional'}</td><td>${spoken(each.description)}</td></tr>`,
  )}</tbody></table></div>`;
}

function fieldTable(schema: JsonSchema, schemas: Schemas): Html {
  const fields = fieldsOf(schema, schemas);
  if (fields.length === 0) return html`<p>${spoken(schema.description)}</p>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Fields"><table><tbody>${fields.map(
    ({ name, schema: field, optional }) => html`<tr><th scope="row"><code>${name}</code></th>
<td>${typeOf(field, schemas)}${limitsOf(field)}${optional ? ', optional' : ''}</td><td>${spoken(field.description)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** A description, with what stands between backticks as code. */
function spoken(text = ''): readonly (Html | string)[] {
  return text.split('`').map((part, place) => (place % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** A command that can be pasted: its ids are examples, and want to be replaced. */
function curlOf({ method, path, operation }: Placed, schemas: Schemas, address: string): string {
  const parameters = operation.parameters ?? [];
  const filled = parameters
    .filter((each) => each.in === 'path')
    .reduce((url, each) => url.replace(`{${each.name}}`, String(exampleOf(each.schema, schemas))), path);
  const query = parameters
    .filter((each) => each.in === 'query' && each.required)
    .map((each) => `${each.name}=${String(exampleOf(each.schema, schemas))}`)
    .join('&');
  const url = `${address}${filled}${query === '' ? '' : `?${query}`}`;
  const isSigned = operation['x-scope'] === 'caller' || (operation['x-signed'] ?? '').startsWith('by a party');
  const sign = `npx assent sign '${url}' --party <party> --key <file>`;
  if (method === 'GET') return isSigned ? `${sign} | curl -s '${url}' -H @-` : `curl -s '${url}'`;
  const body = operation.requestBody?.content['application/json']?.schema;
  const example = JSON.stringify(body === undefined ? {} : exampleOf(body, schemas), undefined, 2);
  if (isSigned) {
    return `cat > body.json <<'END'\n${example}\nEND\n${sign} --body body.json | curl -s '${url}' -H @- --data-binary @body.json`;
  }
  return `curl -s '${url}' \\
  -H 'content-type: application/json' -H "idempotency-key: $(openssl rand -hex 16)" \\
  -d '${example}'`;
}

function problemsOf(problems: readonly ProblemRow[]): Html {
  return html`<section id="problems"><h2>Problems</h2>
<p>Errors are problem details (RFC 9457). Switch on <code>code</code>, which stays; nothing in them quotes what was sent.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Problems"><table><thead><tr><th>code</th><th>status</th><th>what</th><th>what to do</th></tr></thead><tbody>
${problems.map(
  ([code, { status, title, next }]) => html`<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td>
<td>${title}</td><td>${next}</td></tr>`,
)}</tbody></table></div></section>`;
}
