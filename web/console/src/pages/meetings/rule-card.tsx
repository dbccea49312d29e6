import { rules, type Rule } from './vote-rules'

/** RuleCard explains a rule of voting: who must be there, what passes. */
export function RuleCard({ rule }: { rule: Rule }) {
  const text = rules[rule]
  return <dl className="rule"><dt>到会</dt><dd>{text.quorum}</dd><dt>通过</dt><dd>{text.pass}</dd><dt>说明</dt><dd>{text.note}</dd></dl>
}
