/** What a person answers before it signs a letter of the shipped template huabei_letter. */

/** In its own words, none of which stops. */
export const CLEAR_ANSWERS = [
  { question: 'who_asked', answer: '我自己要办' },
  { question: 'who_uses', answer: '自己用' },
  { question: 'who_repays', answer: '清楚' },
  { question: 'no_repayment', answer: '没有' },
] as const;

/** The same, but for one question. */
export function answeredWith(question: (typeof CLEAR_ANSWERS)[number]['question'], answer: string) {
  return CLEAR_ANSWERS.map((each) => (each.question === question ? { question, answer } : each));
}
