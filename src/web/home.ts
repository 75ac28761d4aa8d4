/** The front page: what this is, how the ledger stands, the story's letter, and what to try next. */
import { html } from 'hono/html';
import type { Standing } from '#service/standing.ts';
import { type Html, layout, pair } from './layout.ts';
import type { StoryAccess, StoryLinks } from './story.ts';

export interface Home {
  /** Undefined: the database did not answer. */
  readonly standing: Standing | undefined;
  readonly story: StoryLinks | undefined;
  /** Such as `http://127.0.0.1:8787`. */
  readonly address: string;
}

/** Renders the front page. */
export function homePage({ standing, story, address }: Home): Html {
  return layout({
    title: 'Assent · 授权与同意账本',
    lang: 'zh-CN',
    body: html`<header>
<h1><span class="seal">Assent</span> <span lang="zh-CN">授权与同意账本</span></h1>
<p class="lede" lang="en">An authorization and consent ledger for data sharing</p>
<nav aria-label="Assent"><ul>
<li><a href="/docs">API 文档 <span lang="en">docs</span></a></li>
<li><a href="/openapi.json">openapi.json</a></li>
<li><a href="/checkpoint">检查点 <span lang="en">checkpoint</span></a></li>
</ul></nav>
</header>
<main>
${whatItIs()}
${standing === undefined ? notAnswering() : howItStands(standing)}
${story === undefined ? '' : storyOf(story)}
${whatToTry(story, address)}
</main>
<footer>${pair('本页不含脚本，不向任何第三方发送请求。', 'This page has no script and asks nobody else for anything.')}</footer>`,
  });
}

function whatItIs(): Html {
  return html`<section aria-label="这是什么 What this is">
<h2>这是什么 <span lang="en">What this is</span></h2>
${pair(
  html`<p>个人或企业签署授权书，逐项勾选同意；每次查询、报送或提供数据之前，须先在此取得决定。允许、拒绝和撤回都会成为账本中的一条记录，带签名、成链，并进入默克尔树，任何人都可以核对，不必信任账本的保管者。</p>`,
  html`<p>A person or a firm signs a letter of authorization, clause by clause. Before any data is queried, reported or
  passed on, a decision is taken here. Each allow, each denial and each withdrawal is an entry of a signed, hash-chained
  Merkle log that anyone can check without trusting its keeper.</p>`,
)}
</section>`;
}

function notAnswering(): Html {
  return html`<section class="sheet" role="status">
${pair(html`<p class="deny">数据库没有应答。</p>`, html`<p class="deny">The database does not answer.</p>`)}
</section>`;
}

/** Enough of a hash to compare by eye. */
const HASH_SHOWN = 16;

function howItStands({ origin, vkey, size, root, checkpoint, fenced }: Standing): Html {
  return html`<section aria-label="账本现状 How the ledger stands">
<h2>账本现状 <span lang="en">How the ledger stands</span></h2>
<div class="sheet">
<dl>
<dt>来源 <span lang="en">Origin</span></dt><dd><code>${origin}</code></dd>
<dt>记录数 <span lang="en">Entries</span></dt><dd>${size}</dd>
<dt>树根 <span lang="en">Root</span></dt><dd><code title="${root ?? ''}">${root === null ? '—' : `${root.slice(0, HASH_SHOWN)}…`}</code></dd>
<dt>最新检查点 <span lang="en">Newest checkpoint</span></dt><dd>${
    checkpoint === null ? html`—` : html`<a href="/checkpoint">${checkpoint.size} 条 <span lang="en">entries</span></a>`
  }</dd>
<dt>公钥 <span lang="en">Public key</span></dt><dd><code>${vkey}</code></dd>
</dl>
</div>
${fenced === null ? '' : readOnly(fenced)}
</section>`;
}

function readOnly(fenced: string): Html {
  return html`<div class="sheet" role="status">
${pair(html`<p class="deny">账本目前只读。</p>`, html`<p class="deny">The ledger is read-only.</p><p>${fenced}</p>`)}
</div>`;
}

function storyOf({ letter, grants, allow, deny }: StoryLinks): Html {
  return html`<section aria-label="一份授权书 One letter">
<h2>一份授权书 <span lang="en">One letter, from signature to withdrawal</span></h2>
<div class="sheet"><ol class="story">
<li>已签署的授权书 <span lang="en">The letter, signed</span>: <code>${letter}</code></li>
<li>其中的授权 <span lang="en">Its grants</span>: ${grants.map(grantOf)}</li>
<li><span class="allow">允许 <span lang="en">allow</span></span> ${accessOf(allow)}</li>
${deny.map((access) => html`<li><span class="deny">拒绝 <span lang="en">deny</span></span> ${accessOf(access)}</li>`)}
</ol></div>
</section>`;
}

function grantOf({ action, withdrawn }: StoryLinks['grants'][number]): Html {
  const mark = withdrawn ? html`<span class="deny">已撤回 <span lang="en">withdrawn</span></span> ` : '';
  return html`<code>${action}</code> ${mark}`;
}

function accessOf({ access, codes, page }: StoryAccess): Html {
  return html`${codes.map((each) => html`<code>${each}</code> `)}<code>${access}</code> · <a href="${page}">凭证 <span lang="en">receipt</span></a>`;
}

function whatToTry(story: StoryLinks | undefined, address: string): Html {
  return html`<section aria-label="下一步 What to try next">
<h2>下一步 <span lang="en">What to try next</span></h2>
${story === undefined ? beginning() : verifying()}
${
  story === undefined
    ? html`<pre>npx assent keygen admin.pem
npx assent keygen query.pem
npx assent party register --name 示例 --role grantee --admin-key admin.pem --key query.pem</pre>`
    : html`<pre>curl -so receipt.json ${address}${story.allow.receipt}
npx assent verify receipt.json</pre>`
}
<pre>npx assent audit</pre>
</section>`;
}

function beginning(): Html {
  return pair(
    '账本还没有参与方：为一家机构生成密钥并登记；随时可以对整个账本审计（使用内嵌数据库时，请先停止服务）。',
    'Nobody is registered yet: make keys for a party and register it. The whole ledger can be audited at any time (with the embedded database, stop the server first).',
  );
}

function verifying(): Html {
  return pair(
    '取一份凭证，离线验证；再对整个账本审计（使用内嵌数据库时，请先停止服务）。',
    'Take a receipt and verify it offline; then audit the whole ledger (with the embedded database, stop the server first).',
  );
}
