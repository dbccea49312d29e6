import { Alert, Flex, Skeleton } from 'antd'
import { api } from '~/api/client'
import { useLoad, type Loaded } from '~/api/query'
import type { components } from '~/api/schema'
import { useLater } from '~/ui/later'
import { ProblemAlert } from '~/ui/page'
import { when } from '~/ui/time'
import type { PlanBody } from './call-body'

type Plan = components['schemas']['PushPlanView']

/** usePlan asks whom a notice would reach, once the question stands still. */
export function usePlan(body: PlanBody, enabled = true): Loaded<Plan> {
  const key = useLater(JSON.stringify(body), 300)
  return useLoad(['push-plan', key], (signal) => api.POST('/api/v1/pushes/plan', { body: JSON.parse(key) as PlanBody, signal }), { enabled })
}

/** Reach says before a notice goes out whom it will reach and how. Of people picked by name it says who of them must be phoned. */
export function Reach({ plan, picked }: { plan: Loaded<Plan>; picked: string[] }) {
  const data = plan.data
  if (plan.problem) return <ProblemAlert problem={plan.problem} retry={plan.reload} />
  if (!data) return <Skeleton active paragraph={{ rows: 3 }} title={false} />
  const phone = picked.length > 0 ? data.unreachable.filter((one) => picked.includes(one.id)) : data.unreachable
  const more = picked.length > 0 ? 0 : data.unreachable_count - phone.length
  return (
    <Flex vertical gap={12}>
      <div className="figures">
        <Figure name="请多少人" value={picked.length || data.recipients} />
        {picked.length === 0 && <><Figure name="微信提醒" value={data.by_wechat} /><Figure name="仅站内信" value={data.inbox_only} /></>}
        {phone.length + more > 0 && <Figure name="要打电话" value={phone.length + more} strong />}
      </div>
      {data.recipients === 0 && <Alert type="warning" showIcon title="没有人符合这些条件，请放宽参会范围。" />}
      {picked.length === 0 && data.deferred.length > 0 && <div><strong>稍后响铃</strong><ul className="plain">{data.deferred.map((part, i) => <li key={i}>{part.count} 人等到 {when(part.until)}：{part.reason}</li>)}</ul></div>}
      {picked.length === 0 && data.inbox_only_reasons.length > 0 && <div><strong>为什么只进站内信</strong><ul className="plain">{data.inbox_only_reasons.map((part, i) => <li key={i}>{part.count} 人：{part.reason}</li>)}</ul></div>}
      {phone.length > 0 && (
        <details>
          <summary>看不到通知、请打电话的 {phone.length + more} 人</summary>
          <p className="names">{phone.map((one) => one.name).join('、')}{more > 0 ? ` 等 ${phone.length + more} 人` : ''}</p>
        </details>
      )}
    </Flex>
  )
}

function Figure({ name, value, strong }: { name: string; value: number; strong?: boolean }) {
  return <div className={strong ? 'fig strong' : 'fig'}><span>{name}</span><b className="figure">{value}</b></div>
}
