/**
 * The letter of the story: query and report, each ticked separately. Worded by us, with the fields of such letters
 * (domain/law.md 2.10) and of the notice that the law asks for (PIPL 17); every name and number is made up.
 *
 * @module
 */

/** Made-up organisations. The credit code is of the unassigned area 9900xx. */
export const NAMES = {
  identifier: '示例身份认证有限公司',
  lender: '示例消费金融有限公司',
  bureau: '示例征信数据库',
  lenderCode: '91990001MA00000157',
} as const;

/** A made-up person: nobody living was born in 18xx, and the area 990001 is nowhere. */
export const SUBJECT = {
  id_type: 'resident_id',
  id_number: '990001189003070010',
  name: '李示例',
  phone: null,
} as const;

export const LETTER_TEXT = `个人征信查询报送授权书（示例）

被授权人：${NAMES.lender}（统一社会信用代码 ${NAMES.lenderCode}）
授权人：${SUBJECT.name}，居民身份证，号码见签署页
数据来源与接收方：${NAMES.bureau}

【条款一 查询】本人同意被授权人在审批本人的贷款申请、以及贷款存续期间进行贷后管理时，向${NAMES.bureau}查询、使用本人的信用信息和信用报告。
□ 同意  □ 不同意

【条款二 报送】本人同意被授权人将本人的基本信息、授信额度、还款记录和不良信息报送至${NAMES.bureau}；报送不良信息前，被授权人将事先告知本人。
□ 同意  □ 不同意

期限：自签署之日起一年。两项条款各自独立，可只同意其中一项，也可随时单独撤回；撤回自登记之时生效，不影响此前已进行的处理。
不同意的后果：不同意条款一的，被授权人无法完成贷款审批；不同意条款二的，被授权人无法发放贷款。其他服务不受影响。
联系方式与权利行使：在签署页或被授权人营业网点均可查阅、复制、更正、撤回。超出本授权范围的一切后果由被授权人承担。

**本人已阅读并理解以上全部内容，特别是加粗条款。**`;
